// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Usage: crossing SECONDS PRESSURE_FILE SHARE WINDOW_MS
//
// When is a limit of pressure crossed? Prints "start T" when it looks, and "crossed T" as soon as
// the `full` stall of the last WINDOW_MS is SHARE percent of it; T in seconds of CLOCK_MONOTONIC
// (the clock of a trace with trace_clock=mono). Ends then, or after SECONDS. Looks every 2 ms,
// locked in memory and at real-time priority: what it watches must not make it late.

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { step_ms = 2, most_steps = 5000 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// Microseconds of full stall so far.
static double full_stall(int file) {
    char text[256];
    ssize_t n = pread(file, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    const char* full = strstr(text, "full ");
    const char* total = full ? strstr(full, "total=") : NULL;
    return total ? strtod(total + strlen("total="), NULL) : 0;
}

int main(int argc, char** argv) {
    struct reading {
        double at;
        double total;
    };
    static struct reading readings[most_steps];
    if (argc != 5)
        return 2;
    double share = strtod(argv[3], NULL) / 100;
    double window = strtod(argv[4], NULL) / 1000;
    int file = open(argv[2], O_RDONLY | O_CLOEXEC);
    struct sched_param high = {.sched_priority = 50};
    if (file < 0 || window * 1000 > step_ms * (most_steps - 1) ||
        mlockall(MCL_CURRENT | MCL_FUTURE) || sched_setscheduler(0, SCHED_FIFO, &high)) {
        perror("crossing");
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    double end = now() + strtod(argv[1], NULL);
    unsigned oldest = 0;
    printf("start %.4f\n", now());
    for (unsigned next = 0;; next++) {
        struct reading* last = &readings[next % most_steps];
        *last = (struct reading){.at = now(), .total = full_stall(file)};
        if (last->at > end)
            return 0;
        while (last->at - readings[(oldest + 1) % most_steps].at >= window && oldest + 1 < next)
            oldest++;
        double stalled = last->total - readings[oldest % most_steps].total;
        if (stalled >= share * window * 1e6) {
            printf("crossed %.4f\n", last->at);
            return 0;
        }
        nanosleep(&(struct timespec){.tv_nsec = step_ms * 1000000}, NULL);
    }
}
