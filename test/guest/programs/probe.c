// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Usage: probe [PERIOD_MS [MIB]]
//
// A bystander to whom latency matters. Every PERIOD_MS (20) it maps, touches and unmaps
// 256 KiB and reads 8 random pages of its own MIB (32), none of it locked. On SIGTERM or
// SIGINT it prints one line of JSON: how long the work took (work_*), how late it was woken
// (late_*), and the sum of all work longer than 100 ms (stalled), in ms.

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum {
    page_size = 4096,
    work_size = 256 << 10,
    max_rounds = 200000, // more than an hour at 20 ms
};

static volatile sig_atomic_t stop;
static double work[max_rounds];
static double late[max_rounds];

static void on_signal(int number) {
    (void)number;
    stop = 1;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t next_random(void) {
    static uint64_t x = 12345;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

static void sleep_until(double when) {
    struct timespec t = {.tv_sec = (time_t)(when / 1e3)};
    t.tv_nsec = (long)((when - (double)t.tv_sec * 1e3) * 1e6);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void work_once(const unsigned char* own, size_t size) {
    unsigned char* fresh =
        mmap(NULL, work_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh != MAP_FAILED) {
        for (size_t i = 0; i < work_size; i += page_size)
            fresh[i] = 1;
        munmap(fresh, work_size);
    }
    for (int i = 0; i < 8; i++)
        (void)*(const volatile unsigned char*)(own + next_random() % size);
}

static int compare(const void* a, const void* b) {
    double x = *(const double*)a;
    double y = *(const double*)b;
    return (x > y) - (x < y);
}

int main(int argc, char** argv) {
    double period = argc > 1 ? strtod(argv[1], NULL) : 20;
    size_t size = (argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 32) << 20;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    unsigned char* own =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (size == 0 || own == MAP_FAILED)
        return 1;
    for (size_t i = 0; i < size; i++)
        own[i] = (unsigned char)next_random();

    size_t n = 0;
    double due = now();
    double stalled = 0;
    while (!stop && n < max_rounds) {
        due += period;
        sleep_until(due);
        double start = now();
        work_once(own, size);
        double end = now();
        work[n] = end - start;
        late[n] = start > due ? start - due : 0;
        if (work[n] > 100)
            stalled += work[n];
        n++;
        if (end > due + period)
            due = end;
    }
    if (n == 0)
        return 1;
    qsort(work, n, sizeof *work, compare);
    qsort(late, n, sizeof *late, compare);
    printf("{\"n\":%zu,\"work_p50\":%.2f,\"work_p99\":%.2f,\"work_max\":%.1f,"
           "\"late_p99\":%.2f,\"late_max\":%.1f,\"stalled\":%.0f}\n",
           n, work[n / 2], work[n * 99 / 100], work[n - 1], late[n * 99 / 100], late[n - 1],
           stalled);
    return 0;
}
