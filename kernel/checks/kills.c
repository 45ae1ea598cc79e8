// SPDX-License-Identifier: LGPL-2.1-or-later
// PROCESS_MRELEASE_REAP_KILL: the kill and the release in one call.
#define _GNU_SOURCE
#include "../uapi/mrelease.h"
#include "checks.h"
#include "report.h"
#include "victim.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static long reap_kill(struct Victim victim) {
    return mrelease(victim.pidfd, REAPD_MRELEASE_REAP_KILL, 0);
}

static bool lives(pid_t pid) { return kill(pid, 0) == 0 && waitpid(pid, NULL, WNOHANG) == 0; }

static void one(void) {
    struct Victim victim = spawn_with(256 * MB);
    hold_exit(victim, 0);
    const bool good = succeeds(reap_kill(victim));
    await_exit_stop(victim, 0);
    check(good && rss(victim.pid) < REST, "a process that lives: killed, its memory goes");
    ptrace(PTRACE_CONT, victim.pid, NULL, NULL);
    int status = 0;
    waitpid(victim.pid, &status, __WALL);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "its end is SIGKILL");
    check(fails_with(reap_kill(victim), ESRCH), "killed once more when gone: ESRCH");
    close(victim.pidfd);
}

static void in_time(void) {
    int late = 0;
    for (int i = 0; i < 150; ++i) {
        struct Victim victim = spawn_with((size_t)(1 + i % 12) * MB);
        late += reap_kill(victim) != 0;
        end(victim);
    }
    check(late == 0, "150 processes killed: too late for %d", late);
}

static int wait_for_ever(void* unused) {
    (void)unused;
    for (;;)
        pause();
    return 0;
}

static int wait_as_nobody(void* unused) {
    need(setgid(65534) == 0 && setuid(65534) == 0, "to be nobody");
    return wait_for_ever(unused);
}

struct Sharing {
    int (*life)(void*);
    pid_t sharer;
};

static void share(void* argument) {
    static long stack[8192];
    struct Sharing* sharing = argument;
    fill(32 * MB);
    sharing->sharer = clone(sharing->life, stack + 8192, CLONE_VM | SIGCHLD, NULL);
}

static struct Sharing* sharing_with(int (*life)(void*)) {
    struct Sharing* sharing =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(sharing != MAP_FAILED, "mmap");
    sharing->life = life;
    return sharing;
}

static void sharers(void) {
    struct Sharing* sharing = sharing_with(wait_for_ever);
    struct Victim victim = spawn(share, sharing);
    hold_exit(victim, 0);
    const bool good = succeeds(reap_kill(victim));
    await_exit_stop(victim, 0);
    check(good && rss(victim.pid) < REST, "who shares the memory is killed with it");
    end(victim);
    munmap(sharing, 4096);
}

/// A caller who may kill the sharer, but not the process itself, and the other way round.
static void rights(void) {
    struct Sharing* sharing = sharing_with(wait_as_nobody);
    struct Victim victim = spawn(share, sharing);
    for (int i = 0; i < 1000; ++i) // until the sharer is nobody
        usleep(100);
    const pid_t other = fork();
    if (other == 0) {
        need(setgid(65534) == 0 && setuid(65534) == 0, "to be nobody");
        _exit(fails_with(reap_kill(victim), EPERM) ? 0 : 1);
    }
    int status = -1;
    waitpid(other, &status, 0);
    check(status == 0 && lives(victim.pid), "without the right to kill it: EPERM, it lives");
    end(victim);
    kill(sharing->sharer, SIGKILL);
    munmap(sharing, 4096);

    struct Sharing* of_root = sharing_with(wait_for_ever);
    victim = spawn(share, of_root);
    check(fails_with(mrelease(-1, REAPD_MRELEASE_REAP_KILL, 0), EBADF), "kill, fd -1: EBADF");
    end(victim);
    kill(of_root->sharer, SIGKILL);
    munmap(of_root, 4096);
}

static void bounded(void) {
    struct Victim victim = spawn_with(64 * MB);
    hold_exit(victim, 0);
    const long got =
        mrelease(victim.pidfd, REAPD_MRELEASE_REAP_KILL | REAPD_MRELEASE_BOUNDED, 8 * MB);
    await_exit_stop(victim, 0);
    check(got > 0 && (size_t)got <= 8 * MB && rss(victim.pid) >= 56 * MB,
          "killed and released within a bound");
    end(victim);
}

void check_kills(void) {
    if (mrelease(-1, REAPD_MRELEASE_REAP_KILL, 0) == -1 && errno == EINVAL) {
        skip("kills", "this kernel has no PROCESS_MRELEASE_REAP_KILL");
        return;
    }
    one();
    in_time();
    sharers();
    rights();
    bounded();
}
