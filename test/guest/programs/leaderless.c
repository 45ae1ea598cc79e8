// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Usage: leaderless MIB
//
// A process whose main thread has exited while another one holds MIB and writes to all of it
// for ever. It shows as a zombie in /proc, is listed in cgroup.procs, and cgroup.kill passes
// it by.

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { page_size = 4096 };

static size_t size;

static void* hog(void* unused) {
    (void)unused;
    volatile unsigned char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        exit(1);
    madvise((void*)memory, size, MADV_NOHUGEPAGE);
    for (unsigned char round = 1;; round++)
        for (size_t i = 0; i < size; i += page_size)
            memory[i] = (unsigned char)(round + i / page_size);
}

int main(int argc, char** argv) {
    size = (size_t)(argc > 1 ? strtoul(argv[1], NULL, 10) : 100) << 20;
    pthread_t thread;
    if (pthread_create(&thread, NULL, hog, NULL))
        return 1;
    pthread_exit(NULL);
}
