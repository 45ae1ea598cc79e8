// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Usage: onset SECONDS PRESSURE_FILE CGROUP
//
// When does it begin to hurt, and when is it over? Prints, each as soon as it is known and in
// seconds of CLOCK_MONOTONIC (the clock of a trace with trace_clock=mono):
//
//   start T        it looks
//   onset T        10 ms of `full` stall have gathered in PRESSURE_FILE since then
//   dead T STALL   CGROUP has no process left, or is gone; STALL: ms of full stall until then
//   freed T        its memory has fallen below 5 % of its largest for good, or it is gone
//
// Ends when all is known, or after SECONDS. Looks every 10 ms, locked in memory and at real-time
// priority: what it watches must not make it late.

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { onset_us = 10000, step_ns = 10000000 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool slurp(const char* folder, const char* name, char* text, size_t size) {
    char path[512];
    snprintf(path, sizeof path, "%s%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

static long full_stall(const char* file) {
    char text[256];
    const char* full = slurp(file, "", text, sizeof text) ? strstr(text, "full ") : NULL;
    const char* total = full ? strstr(full, "total=") : NULL;
    return total ? strtol(total + strlen("total="), NULL, 10) : -1;
}

int main(int argc, char** argv) {
    if (argc != 4)
        return 2;
    const char* pressure = argv[2];
    const char* cgroup = argv[3];
    struct sched_param high = {.sched_priority = 50};
    if (mlockall(MCL_CURRENT | MCL_FUTURE) || sched_setscheduler(0, SCHED_FIFO, &high)) {
        perror("onset");
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    double end = now() + strtod(argv[1], NULL);
    long before = full_stall(pressure);
    long stalled = 0;
    long most = 0;
    bool began = false;
    bool seen = false;
    bool dead = false;
    bool freed = false;
    double low_since = 0;
    char text[256];
    printf("start %.4f\n", now());

    while (now() < end && !(dead && freed)) {
        long total = full_stall(pressure);
        if (before < 0)
            before = total; // The cgroup appears with the workload.
        if (total >= 0)
            stalled = total - before;
        if (!began && stalled >= onset_us) {
            began = true;
            printf("onset %.4f\n", now());
        }
        bool there = slurp(cgroup, "/cgroup.events", text, sizeof text);
        bool lives = there && strstr(text, "populated 1");
        seen = seen || lives;
        if (seen && !lives && !dead) {
            dead = true;
            printf("dead %.4f %ld\n", now(), stalled / 1000);
        }
        there = slurp(cgroup, "/memory.current", text, sizeof text);
        long current = there ? strtol(text, NULL, 10) : 0;
        if (current > most)
            most = current;
        if (current >= most / 20)
            low_since = 0; // Also a program that was started by a larger one.
        else if (low_since == 0)
            low_since = now();
        if (dead && low_since > 0 && !freed) {
            freed = true;
            printf("freed %.4f\n", low_since);
        }
        struct timespec step = {.tv_nsec = step_ns};
        nanosleep(&step, NULL);
    }
    return 0;
}
