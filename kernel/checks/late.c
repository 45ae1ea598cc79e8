// SPDX-License-Identifier: LGPL-2.1-or-later
// How long the memory of a victim takes that does not get to run: in the idle scheduling class,
// on a CPU with two busy loops. Numbers for people; nothing here fails.
#define _GNU_SOURCE
#include "../uapi/mrelease.h"
#include "checks.h"
#include "report.h"
#include "victim.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { busy_cpu = 1, busy_loops = 2, patience = 15 };
static const size_t size = 384 * MB;

static pid_t loops[busy_loops];

static void start_loops(void) {
    for (int i = 0; i < busy_loops; ++i) {
        loops[i] = fork();
        if (loops[i] == 0) {
            pin(busy_cpu);
            for (;;)
                ;
        }
    }
}

static void signal_loops(int signal) {
    for (int i = 0; i < busy_loops; ++i)
        kill(loops[i], signal);
}

/// Memory in small pages, then a place at the end of the queue.
static void idle(void* unused) {
    (void)unused;
    char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED, "mmap");
    madvise(memory, size, MADV_NOHUGEPAGE);
    memset(memory, 1, size);
    pin(busy_cpu);
    const struct sched_param none = {0};
    sched_setscheduler(0, SCHED_IDLE, &none);
}

static long kill_only(struct Victim victim) { return kill(victim.pid, SIGKILL); }

static long at_once(struct Victim victim) {
    kill(victim.pid, SIGKILL);
    return mrelease(victim.pidfd, 0, 0);
}

/// When it has given up its memory, and before it has freed it.
static long too_late(struct Victim victim) {
    kill(victim.pid, SIGKILL);
    const double start = seconds();
    while (rss(victim.pid) != 0 && seconds() - start < patience)
        usleep(2000);
    return mrelease(victim.pidfd, 0, 0);
}

static long in_pieces(struct Victim victim) {
    kill(victim.pid, SIGKILL);
    long got;
    while ((got = mrelease(victim.pidfd, REAPD_MRELEASE_BOUNDED, 32 * MB)) > 0 ||
           (got == -1 && errno == EBUSY)) {
    }
    return got;
}

static long reap_kill(struct Victim victim) {
    return mrelease(victim.pidfd, REAPD_MRELEASE_REAP_KILL, 0);
}

static long expedite(struct Victim victim) {
    return pidfd_signal(victim.pidfd, SIGKILL, REAPD_PIDFD_SIGNAL_EXPEDITE);
}

static void show(long (*way)(struct Victim), const char* name) {
    struct Victim victim = spawn(idle, NULL);
    const size_t before = meminfo("MemFree");
    const double start = seconds();
    errno = 0;
    const long answer = way(victim);
    const int error = answer == -1 ? errno : 0;
    const double call = seconds() - start;
    double back = -1;
    while (seconds() - start < patience) {
        if (meminfo("MemFree") > before + size / 10 * 9) {
            back = seconds() - start;
            break;
        }
        usleep(5000);
    }
    if (back >= 0)
        info("late: %s: %s after %.2f s, 90%% of the memory back after %.2f s", name,
             error ? strerror(error) : "success", call, back);
    else
        info("late: %s: %s after %.2f s, memory not back within %d s", name,
             error ? strerror(error) : "success", call, patience);
    signal_loops(SIGSTOP);
    end(victim);
    signal_loops(SIGCONT);
}

void show_late(void) {
    pin(0);
    start_loops();
    show(kill_only, "SIGKILL only");
    show(at_once, "SIGKILL, process_mrelease at once");
    show(too_late, "SIGKILL, process_mrelease late");
    if (!(mrelease(-1, REAPD_MRELEASE_BOUNDED, 1) == -1 && errno == EINVAL))
        show(in_pieces, "SIGKILL, bounded in pieces of 32 MiB (A)");
    if (!(mrelease(-1, REAPD_MRELEASE_REAP_KILL, 0) == -1 && errno == EINVAL))
        show(reap_kill, "kill and release (B)");
    if (!(pidfd_signal(-1, SIGKILL, REAPD_PIDFD_SIGNAL_EXPEDITE) == -1 && errno == EINVAL))
        show(expedite, "expedited kill (C)");
    signal_loops(SIGKILL);
}
