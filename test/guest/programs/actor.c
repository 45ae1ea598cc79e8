// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Usage: actor [as NAME] [deaf] [locked] [exempt] PART
//
// What the units of a scenario do.
//
// hold MIB [RATE]     takes MIB at RATE MiB/s and reads a little of it now and then
// work MIB            has MIB and writes to all of it once a second
// grow MIB RATE       takes MIB at RATE MiB/s (0: at once) and then writes to it without a pause
// spike MIB SECONDS REST  takes MIB, writes to them for SECONDS, gives them back, rests, and again
// read FILE MIB       reads the first MIB of FILE over and over
// map FILE MIB        the same of its pages in memory
// crowd COUNT MIB RATE   COUNT children, each of which does `grow MIB RATE`
// jobs COUNT MIB SECONDS  COUNT children at a time, each of which takes MIB and ends after SECONDS
// bomb MIB            MIB, and forks as often as it is let; so does each of its children
// fill FILE MIB RATE  writes MIB into a file of a tmpfs at RATE MiB/s; with `memfd` for FILE it has
//                     no name and goes with its last holder
//
// as NAME is what the kernel calls it
// deaf    ignores SIGTERM, SIGINT and SIGHUP
// locked  locks what it takes
// exempt  has a child besides that the kernel may not kill
//
// Exits with 1 when it cannot get what it is to take.

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { page_size = 4096, mib = 1 << 20 };

static bool locked;

_Noreturn static void give_up(const char* what) {
    perror(what);
    _exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void nap(double seconds) {
    if (seconds <= 0)
        return;
    struct timespec t = {.tv_sec = (time_t)seconds};
    t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
    nanosleep(&t, NULL);
}

// No two pages are alike.
static void touch(unsigned char* memory, size_t size) {
    static uint64_t mark;
    for (size_t i = 0; i < size; i += page_size) {
        uint64_t word = ((uint64_t)getpid() << 32) + ++mark;
        memcpy(memory + i, &word, sizeof word);
    }
}

static unsigned char* take(size_t size, double rate) {
    unsigned char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        give_up("mmap");
    madvise(memory, size, MADV_NOHUGEPAGE);
    double start = now();
    const size_t step = 16 * page_size;
    for (size_t done = 0; done < size; done += step) {
        touch(memory + done, step);
        if (locked && mlock(memory + done, step))
            give_up("mlock");
        if (rate > 0)
            nap((double)(done + step) / mib / rate - (now() - start));
    }
    return memory;
}

_Noreturn static void hold(size_t size, double rate) {
    unsigned char* memory = take(size, rate);
    for (size_t i = 0;; i = (i + 37 * page_size) % size) {
        (void)*(volatile unsigned char*)(memory + i);
        nap(0.5);
    }
}

_Noreturn static void work(size_t size) {
    unsigned char* memory = take(size, 0);
    for (;;) {
        nap(1);
        touch(memory, size);
    }
}

_Noreturn static void grow(size_t size, double rate) {
    unsigned char* memory = take(size, rate);
    for (;;)
        touch(memory, size);
}

_Noreturn static void spike(size_t size, double seconds, double rest) {
    for (;;) {
        unsigned char* memory = take(size, 0);
        for (double end = now() + seconds; now() < end;)
            touch(memory, size);
        munmap(memory, size);
        nap(rest);
    }
}

_Noreturn static void read_over(const char* name, size_t size) {
    static unsigned char block[mib];
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        give_up(name);
    for (size_t done = 0;; done += mib) {
        if (done >= size || read(fd, block, mib) <= 0) {
            lseek(fd, 0, SEEK_SET);
            done = 0;
        }
    }
}

_Noreturn static void map_over(const char* name, size_t size) {
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    unsigned char* memory = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (fd < 0 || memory == MAP_FAILED)
        give_up(name);
    for (size_t i = 0;; i = (i + page_size) % size)
        (void)*(volatile unsigned char*)(memory + i);
}

_Noreturn static void crowd(long count, size_t size, double rate) {
    for (long n = 0; n < count; n++) {
        pid_t child = fork();
        if (child < 0)
            give_up("fork");
        if (child == 0)
            grow(size, rate);
    }
    for (;;)
        pause();
}

// Each in a process of its own, as a compiler is; none of them lives long.
_Noreturn static void jobs(long count, size_t size, double seconds) {
    for (long running = 0;; running--) {
        for (; running < count; running++) {
            pid_t child = fork();
            if (child < 0)
                give_up("fork");
            if (child == 0) {
                unsigned char* memory = take(size, 0);
                for (double end = now() + seconds; now() < end; nap(0.2))
                    touch(memory, size);
                _exit(0);
            }
        }
        wait(NULL);
    }
}

// Who kills them one by one finds new ones each time. A child's writes give it a copy of its own.
_Noreturn static void bomb(size_t size) {
    unsigned char* memory = take(size, 0);
    for (;;) {
        if (fork() < 0)
            nap(0.1);
        touch(memory, size);
    }
}

_Noreturn static void fill(const char* name, size_t size, double rate) {
    static unsigned char block[mib];
    int fd = strcmp(name, "memfd") == 0 ? memfd_create(name, MFD_CLOEXEC)
                                        : open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        give_up(name);
    double start = now();
    for (size_t done = 0; done < size; done += mib) {
        touch(block, mib);
        if (write(fd, block, mib) != mib)
            give_up("write");
        if (rate > 0)
            nap((double)(done + mib) / mib / rate - (now() - start));
    }
    for (;;)
        pause();
}

static void exempt_child(void) {
    pid_t child = fork();
    if (child < 0)
        give_up("fork");
    if (child)
        return;
    FILE* file = fopen("/proc/self/oom_score_adj", "w");
    if (!file || fputs("-1000", file) < 0 || fclose(file))
        give_up("oom_score_adj");
    for (;;)
        pause();
}

int main(int argc, char** argv) {
    int n = 1;
    for (; n < argc; n++) {
        if (strcmp(argv[n], "as") == 0 && n + 1 < argc) {
            prctl(PR_SET_NAME, argv[++n]);
        } else if (strcmp(argv[n], "deaf") == 0) {
            signal(SIGTERM, SIG_IGN);
            signal(SIGINT, SIG_IGN);
            signal(SIGHUP, SIG_IGN);
        } else if (strcmp(argv[n], "locked") == 0) {
            locked = true;
        } else if (strcmp(argv[n], "exempt") == 0) {
            exempt_child();
        } else {
            break;
        }
    }
    const char* part = n < argc ? argv[n] : "";
    const char* first = n + 1 < argc ? argv[n + 1] : "";
    const char* second = n + 2 < argc ? argv[n + 2] : "";
    const char* third = n + 3 < argc ? argv[n + 3] : "";
    size_t first_mib = (size_t)strtoul(first, NULL, 10) * mib;
    size_t second_mib = (size_t)strtoul(second, NULL, 10) * mib;

    if (first_mib > 0) {
        if (strcmp(part, "hold") == 0)
            hold(first_mib, strtod(second, NULL));
        if (strcmp(part, "work") == 0)
            work(first_mib);
        if (strcmp(part, "grow") == 0)
            grow(first_mib, strtod(second, NULL));
        if (strcmp(part, "spike") == 0)
            spike(first_mib, strtod(second, NULL), strtod(third, NULL));
        if (strcmp(part, "crowd") == 0 && second_mib > 0)
            crowd(strtol(first, NULL, 10), second_mib, strtod(third, NULL));
        if (strcmp(part, "jobs") == 0 && second_mib > 0)
            jobs(strtol(first, NULL, 10), second_mib, strtod(third, NULL));
        if (strcmp(part, "bomb") == 0)
            bomb(first_mib);
    }
    if (strcmp(part, "read") == 0 && second_mib > 0)
        read_over(first, second_mib);
    if (strcmp(part, "map") == 0 && second_mib > 0)
        map_over(first, second_mib);
    if (strcmp(part, "fill") == 0 && second_mib > 0)
        fill(first, second_mib, strtod(third, NULL));
    fputs("usage: actor [as NAME] [deaf] [locked] [exempt] PART, see its source\n", stderr);
    return 2;
}
