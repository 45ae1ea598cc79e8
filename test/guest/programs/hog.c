// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Usage: hog MIB [RATE] [hold|loop|exit] [words|rand] [FILE]
//
// Touches MIB of memory at RATE MiB/s (0, the default: as fast as possible).
//
// Then: hold  sleeps (default)
//       loop  keeps writing to every page, so that none of it stays in swap
//       exit  ends
// Fill: words a few words per page, easy to compress (default)
//       rand  whole pages that do not compress, for zram
// FILE: shared pages of this file, on a tmpfs, instead of anonymous memory; with `exit` they
//       stay although nobody is left who could be killed for them.
//
// Exits with 1 when it cannot get what it is to touch.

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { page_size = 4096 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned char* map(size_t size, const char* file) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    int fd = -1;
    if (file) {
        flags = MAP_SHARED | MAP_NORESERVE;
        fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 || ftruncate(fd, (off_t)size))
            return NULL;
    }
    void* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (memory == MAP_FAILED)
        return NULL;
    // Huge pages would make the rate jump by 2 MiB.
    madvise(memory, size, MADV_NOHUGEPAGE);
    return memory;
}

// Waits until `done` bytes are due at `rate` MiB/s.
static void keep_to(double rate, size_t done, double start) {
    double early = (double)done / (1 << 20) / rate - (now() - start);
    if (early > 0)
        usleep((useconds_t)(early * 1e6));
}

static void fill(unsigned char* memory, size_t size, double rate, size_t words) {
    uint64_t random = 88172645463325252U ^ (uint64_t)getpid(); // xorshift64, any seed but 0
    double start = now();
    for (size_t i = 0; i < size; i += page_size) {
        for (size_t k = 0; k < words; k++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            memcpy(memory + i + k * sizeof random, &random, sizeof random);
        }
        if (rate > 0 && i % (1 << 16) == 0)
            keep_to(rate, i, start);
    }
}

int main(int argc, char** argv) {
    if (argc < 2) {
        fputs("usage: hog MIB [RATE] [hold|loop|exit] [words|rand] [FILE]\n", stderr);
        return 2;
    }
    size_t size = (size_t)strtoul(argv[1], NULL, 10) << 20;
    double rate = argc > 2 ? strtod(argv[2], NULL) : 0;
    const char* then = argc > 3 ? argv[3] : "hold";
    bool whole = argc > 4 && strcmp(argv[4], "rand") == 0;

    unsigned char* memory = map(size, argc > 5 ? argv[5] : NULL);
    if (!memory) {
        perror("hog");
        return 1;
    }
    fill(memory, size, rate, whole ? page_size / sizeof(uint64_t) : 8);
    if (strcmp(then, "exit") == 0)
        return 0;
    while (strcmp(then, "loop") == 0)
        for (size_t i = 0; i < size; i += page_size)
            (*(volatile unsigned char*)(memory + i))++;
    for (;;)
        pause();
}
