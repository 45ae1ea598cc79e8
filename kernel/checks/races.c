// SPDX-License-Identifier: LGPL-2.1-or-later
// Two callers against the exit of their victims. What counts most is that the kernel survives.
#define _GNU_SOURCE
#include "../uapi/mrelease.h"
#include "checks.h"
#include "report.h"
#include "victim.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { calls = 40 };

/// By the answers to a call; shared by both callers.
struct Answers {
    unsigned released;
    unsigned gone;
    unsigned busy;
    unsigned other;
    int last_error;
};

struct Shape {
    size_t size;
    int areas; ///< more areas give the exit more to take apart
};

static void live_in_areas(void* argument) {
    const struct Shape* shape = argument;
    for (int i = 0; i < shape->areas; ++i) {
        // A hole behind each keeps them apart.
        char* memory = fill(shape->size / (size_t)shape->areas + 4096);
        munmap(memory, 4096);
        if (i % 3 == 0)
            mlock(memory + 4096, 4096);
    }
}

static void call(struct Victim victim, bool bounded, struct Answers* answers) {
    errno = 0;
    const long got = bounded ? mrelease(victim.pidfd, REAPD_MRELEASE_BOUNDED, 2 * MB)
                             : mrelease(victim.pidfd, 0, 0);
    unsigned* counter = &answers->other;
    if (got >= 0)
        counter = &answers->released;
    else if (errno == ESRCH)
        counter = &answers->gone;
    else if (errno == EAGAIN || errno == EBUSY)
        counter = &answers->busy;
    else
        answers->last_error = errno;
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void race(int exits, const char* name) {
    struct Answers* answers =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(answers != MAP_FAILED, "mmap");
    const bool has_bounded = !(mrelease(-1, REAPD_MRELEASE_BOUNDED, 1) == -1 && errno == EINVAL);
    pin(0);
    const double start = seconds();
    for (int i = 0; i < exits; ++i) {
        struct Shape shape = {(size_t)(1 + i % 12) * MB, 1 + i % 40};
        struct Victim victim = spawn(live_in_areas, &shape);
        const bool bounded = has_bounded && i % 3 == 0;
        const pid_t other = fork();
        if (other == 0) {
            pin(1);
            for (int j = 0; j < calls; ++j)
                call(victim, bounded, answers);
            _exit(0);
        }
        cpu_set_t second;
        CPU_ZERO(&second);
        CPU_SET((size_t)i & 1, &second);
        sched_setaffinity(victim.pid, sizeof second, &second);
        kill(victim.pid, SIGKILL);
        for (int j = 0; j < calls; ++j)
            call(victim, bounded, answers);
        waitpid(other, NULL, 0);
        end(victim);
    }
    info("%u released, %u ESRCH, %u EAGAIN or EBUSY, %u EINVAL and others, %.1f s",
         answers->released, answers->gone, answers->busy, answers->other, seconds() - start);
    // The second caller may come before the kill; then the victim lives: EINVAL.
    check(answers->released > 0 && (answers->other == 0 || answers->last_error == EINVAL), "%s",
          name);
    munmap(answers, 4096);
}

void check_races(void) { race(150, "two callers, 40 calls each, against 150 exits"); }

void check_stress(void) { race(1000, "two callers, 40 calls each, against 1000 exits"); }
