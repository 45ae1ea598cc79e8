// SPDX-License-Identifier: LGPL-2.1-or-later
// PIDFD_SIGNAL_EXPEDITE_MM_RECLAIM: the kernel releases what pidfd_send_signal() kills.
#define _GNU_SOURCE
#include "../uapi/mrelease.h"
#include "checks.h"
#include "report.h"
#include "victim.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static long expedite(struct Victim victim, int signal) {
    return pidfd_signal(victim.pidfd, signal, REAPD_PIDFD_SIGNAL_EXPEDITE);
}

static bool loses_memory(struct Victim victim) {
    for (int i = 0; i < 30000 && rss(victim.pid) >= REST; ++i)
        usleep(1000);
    return rss(victim.pid) < REST;
}

static void one(void) {
    struct Victim victim = spawn_with(256 * MB);
    hold_exit(victim, 0);
    const bool refused =
        fails_with(expedite(victim, SIGTERM), EINVAL) && fails_with(expedite(victim, 0), EINVAL);
    check(refused && waitpid(victim.pid, NULL, WNOHANG) == 0,
          "expedite anything but SIGKILL: EINVAL, it lives");
    const double start = seconds();
    const bool good = succeeds(expedite(victim, SIGKILL));
    const double call = seconds() - start;
    await_exit_stop(victim, 0);
    check(good && loses_memory(victim), "expedited SIGKILL: its memory goes while it cannot exit");
    info("the call took %.2f ms, the memory of 256 MiB %.1f ms", call * 1e3,
         (seconds() - start) * 1e3);
    end(victim);
}

/// More than there are CPUs; nobody waits for one of them.
static void many(void) {
    enum { count = 8 };
    struct Victim victims[count];
    for (int i = 0; i < count; ++i) {
        victims[i] = spawn_with(16 * MB);
        hold_exit(victims[i], 0);
    }
    bool good = true;
    for (int i = 0; i < count; ++i)
        good = succeeds(expedite(victims[i], SIGKILL)) && good;
    for (int i = 0; i < count; ++i) {
        await_exit_stop(victims[i], 0);
        good = loses_memory(victims[i]) && good;
    }
    check(good, "eight expedited at once: the memory of all goes");
    for (int i = 0; i < count; ++i)
        end(victims[i]);
}

static void rights(void) {
    struct Victim victim = spawn_with(MB);
    const pid_t other = fork();
    if (other == 0) {
        need(setgid(65534) == 0 && setuid(65534) == 0, "to be nobody");
        _exit(fails_with(expedite(victim, SIGKILL), EPERM) ? 0 : 1);
    }
    int status = -1;
    waitpid(other, &status, 0);
    check(status == 0 && waitpid(victim.pid, NULL, WNOHANG) == 0,
          "expedite without the right to kill: EPERM, it lives");
    end(victim);
}

void check_expedite(void) {
    if (pidfd_signal(-1, SIGKILL, REAPD_PIDFD_SIGNAL_EXPEDITE) == -1 && errno == EINVAL) {
        skip("expedite", "this kernel has no PIDFD_SIGNAL_EXPEDITE_MM_RECLAIM");
        return;
    }
    one();
    many();
    rights();
}
