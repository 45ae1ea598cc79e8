// SPDX-License-Identifier: LGPL-2.1-or-later
// What process_mrelease() answers, on every kernel that has it.
#define _GNU_SOURCE
#include "checks.h"
#include "report.h"
#include "victim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void check_absent(void) {
    check(fails_with(mrelease(-1, 0, 0), ENOSYS), "no process_mrelease(): ENOSYS");
}

static void arguments(void) {
    struct Victim victim = spawn_with(MB);
    check(fails_with(mrelease(-1, 0, 0), EBADF), "fd -1: EBADF");
    check(fails_with(mrelease(0, 0, 0), EBADF), "a descriptor that is no pidfd: EBADF");
    check(fails_with(mrelease(-1, 1U << 29, 0), EINVAL), "unknown flag, fd -1: EINVAL");
    check(fails_with(mrelease(victim.pidfd, ~0U, 1), EINVAL), "all flags: EINVAL");
    check(fails_with(mrelease(victim.pidfd, 0, 0), EINVAL), "a process that lives: EINVAL");
    end(victim);
}

static void dying(void) {
    struct Victim victim = spawn_with(256 * MB);
    kill_and_hold(victim);
    const size_t before = rss(victim.pid);
    const double start = seconds();
    const bool good = succeeds(mrelease(victim.pidfd, 0, 0));
    const double took = seconds() - start;
    check(good && before >= 256 * MB && rss(victim.pid) < REST,
          "a dying process of 256 MiB: its memory goes");
    info("released 256 MiB in %.1f ms", took * 1e3);
    check(succeeds(mrelease(victim.pidfd, 0, 0)), "the same once more: success");
    check(succeeds(mrelease(victim.pidfd, 0, ~0UL)),
          "a third argument without its flag is not looked at");
    ptrace(PTRACE_CONT, victim.pid, NULL, NULL);
    await_exit(victim);
    check(fails_with(mrelease(victim.pidfd, 0, 0), ESRCH), "a zombie: ESRCH");
    waitpid(victim.pid, NULL, __WALL);
    check(fails_with(mrelease(victim.pidfd, 0, 0), ESRCH), "a process that is gone: ESRCH");
    close(victim.pidfd);
}

struct Sharing {
    pid_t* sharer;
};

static int wait_for_ever(void* unused) {
    (void)unused;
    for (;;)
        pause();
    return 0;
}

static void share(void* argument) {
    static long stack[8192];
    fill(32 * MB);
    *((struct Sharing*)argument)->sharer =
        clone(wait_for_ever, stack + 8192, CLONE_VM | SIGCHLD, NULL);
}

static void shared_memory(void) {
    struct Sharing sharing = {
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)};
    need(sharing.sharer != MAP_FAILED, "mmap");
    struct Victim victim = spawn(share, &sharing);
    kill_and_hold(victim);
    const bool refused = fails_with(mrelease(victim.pidfd, 0, 0), EINVAL);
    check(refused && rss(victim.pid) >= 32 * MB,
          "memory shared with a process that lives (CLONE_VM): EINVAL, it stays");
    kill(*sharing.sharer, SIGKILL);
    check(succeeds(mrelease(victim.pidfd, 0, 0)) && rss(victim.pid) < REST,
          "when that is killed too: its memory goes");
    end(victim);
}

static void* thread_life(void* tid) {
    fill(8 * MB);
    *(pid_t*)tid = (pid_t)syscall(SYS_gettid);
    for (;;)
        pause();
    return NULL;
}

/// Four threads with memory of their own; the number of the last one in `argument`.
static void live_in_threads(void* argument) {
    static pid_t tids[4];
    for (int i = 0; i < 4; ++i) {
        pthread_t thread;
        need(pthread_create(&thread, NULL, thread_life, &tids[i]) == 0, "a thread");
    }
    for (int i = 0; i < 4; ++i)
        while (__atomic_load_n(&tids[i], __ATOMIC_ACQUIRE) == 0)
            usleep(1000);
    *(pid_t*)argument = tids[3];
}

static void threads(void) {
    pid_t* last = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(last != MAP_FAILED, "mmap");
    struct Victim victim = spawn(live_in_threads, last);
    kill_and_hold(victim);
    check(succeeds(mrelease(victim.pidfd, 0, 0)) && rss(victim.pid) < REST,
          "a process of five threads: its memory goes");
    end(victim);

    // The main thread is past giving up its memory, another one is held before.
    victim = spawn(live_in_threads, last);
    hold_exit(victim, *last);
    kill(victim.pid, SIGKILL);
    await_exit_stop(victim, *last);
    for (int i = 0; i < 1000 && rss(victim.pid) != 0; ++i)
        usleep(1000);
    const size_t before = rss(*last);
    const bool good = succeeds(mrelease(victim.pidfd, 0, 0));
    check(good && before >= 32 * MB && rss(*last) < REST,
          "a process whose main thread has exited first: its memory goes");
    ptrace(PTRACE_CONT, *last, NULL, NULL);
    waitpid(*last, NULL, __WALL);
    end(victim);
}

void hold_core(void) {
    for (;;)
        pause();
}

/// The state of a process that writes into a pipe nobody reads.
static bool dumps_core(struct Victim victim) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", victim.pid);
    for (int i = 0; i < 5000; ++i) {
        FILE* file = fopen(path, "r");
        char line[128];
        bool dumping = false;
        while (file != NULL && fgets(line, sizeof line, file) != NULL)
            if (strncmp(line, "CoreDumping:\t1", 14) == 0)
                dumping = true;
        if (file != NULL)
            fclose(file);
        if (dumping)
            return true;
        usleep(1000);
    }
    return false;
}

static void core_dump(void) {
    if (!write_text("/proc/sys/kernel/core_pattern", "|/init")) {
        skip("a process that dumps core: EINVAL", "this kernel writes no core dumps");
        return;
    }
    struct Victim victim = spawn_with(32 * MB);
    kill(victim.pid, SIGSEGV);
    need(dumps_core(victim), "a core dump");
    const bool refused = fails_with(mrelease(victim.pidfd, 0, 0), EINVAL);
    check(refused && rss(victim.pid) >= 32 * MB, "a process that dumps core: EINVAL, it stays");
    end(victim);
    write_text("/proc/sys/kernel/core_pattern", "core");
}

static void without_rights(void) {
    struct Victim victim = spawn_with(32 * MB);
    kill_and_hold(victim);
    const pid_t other = fork();
    if (other == 0) {
        need(setgid(65534) == 0 && setuid(65534) == 0, "to be nobody");
        _exit(succeeds(mrelease(victim.pidfd, 0, 0)) ? 0 : 1);
    }
    int status = -1;
    waitpid(other, &status, 0);
    check(status == 0 && rss(victim.pid) < REST, "a caller without rights, by the pidfd alone");
    end(victim);
}

void check_semantics(void) {
    arguments();
    dying();
    shared_memory();
    threads();
    core_dump();
    without_rights();
}
