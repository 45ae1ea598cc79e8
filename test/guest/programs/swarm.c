// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Usage: swarm COUNT KIB [hold|loop|bomb]
//
// Many small processes of KIB each, all of it touched.
//
// hold  COUNT of them, which then sleep (default)
// loop  COUNT of them, which keep writing to all they have
// bomb  every one forks as often as it is let; COUNT is how many times at most

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { page_size = 4096 };

static void nap(long ms) {
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

// Contents that differ from page to page: no same-filled pages, which swap would not store.
static void touch(unsigned char* memory, size_t size) {
    uint64_t mark = (uint64_t)getpid() << 32;
    for (size_t i = 0; i < size; i += page_size) {
        mark++;
        memcpy(memory + i, &mark, sizeof mark);
    }
}

static void live(unsigned char* memory, size_t size, int loops) {
    touch(memory, size);
    for (;;) {
        nap(loops ? 20 : 10000);
        if (loops)
            touch(memory, size);
    }
}

// A child's writes give it a copy of its own of all that its parent has.
static void bomb(unsigned char* memory, size_t size, long times) {
    for (;;) {
        touch(memory, size);
        if (times > 0 && fork() >= 0)
            times--;
        else
            nap(200);
    }
}

int main(int argc, char** argv) {
    if (argc < 3) {
        fputs("usage: swarm COUNT KIB [hold|loop|bomb]\n", stderr);
        return 2;
    }
    long count = strtol(argv[1], NULL, 10);
    size_t size = (size_t)strtoul(argv[2], NULL, 10) << 10;
    const char* what = argc > 3 ? argv[3] : "hold";
    unsigned char* memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return 1;
    madvise(memory, size, MADV_NOHUGEPAGE);
    if (strcmp(what, "bomb") == 0)
        bomb(memory, size, count);
    // Nobody takes memory before all are there.
    int gate[2];
    if (pipe(gate))
        return 1;
    for (long n = 1; n < count; n++) {
        pid_t child = fork();
        if (child < 0)
            return 1;
        if (child == 0)
            break;
    }
    close(gate[1]);
    char nothing;
    if (read(gate[0], &nothing, 1) != 0)
        return 1;
    live(memory, size, strcmp(what, "loop") == 0);
}
