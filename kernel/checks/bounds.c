// SPDX-License-Identifier: LGPL-2.1-or-later
// PROCESS_MRELEASE_BOUNDED: in pieces, within a bound, without waiting.
#define _GNU_SOURCE
#include "../uapi/mrelease.h"
#include "checks.h"
#include "report.h"
#include "victim.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/// What the kernel rounds by: what one page middle directory maps.
static const size_t pmd = 2 * MB;

enum { protected_size = 16 << 20 };

static long piece(struct Victim victim, unsigned long max) {
    return mrelease(victim.pidfd, REAPD_MRELEASE_BOUNDED, max);
}

static void arguments(void) {
    check(fails_with(mrelease(-1, REAPD_MRELEASE_BOUNDED, 0), EINVAL), "a bound of 0: EINVAL");
    struct Victim victim = spawn_with(MB);
    check(fails_with(piece(victim, 32 * MB), EINVAL), "bounded, a process that lives: EINVAL");
    end(victim);
}

/// All of a victim in pieces; each keeps the bound and uses it up to a PMD.
static void in_pieces(Life* life, void* argument, size_t size, unsigned long max,
                      const char* what) {
    struct Victim victim = spawn(life, argument);
    kill_and_hold(victim);
    const size_t most = max > pmd ? max : pmd;
    size_t total = 0;
    int calls = 0;
    bool kept = true;
    const double start = seconds();
    long got;
    while ((got = piece(victim, max)) > 0) {
        kept = kept && (size_t)got <= most &&
               ((size_t)got > most - pmd || rss(victim.pid) < REST + pmd);
        total += (size_t)got;
        ++calls;
    }
    const double took = seconds() - start;
    succeeds(got);
    check(kept, "%s in pieces of %lu KiB: each keeps its bound", what, max / 1024);
    check(got == 0 && total >= size - REST && total < size + 2 * REST && rss(victim.pid) < REST,
          "%s in pieces of %lu KiB: all of it, then 0", what, max / 1024);
    info("%zu MiB in %d calls of %.2f ms", total / MB, calls, took * 1e3 / (calls ? calls : 1));
    end(victim);
}

static void huge(void* size) {
    char* memory =
        mmap(NULL, *(size_t*)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED, "mmap");
    madvise(memory, *(size_t*)size, MADV_HUGEPAGE);
    for (size_t at = 0; at < *(size_t*)size; at += 4096)
        memory[at] = 1;
}

/// Memory in many small areas: one piece goes over several of them.
static void scattered(void* size) {
    for (size_t at = 0; at < *(size_t*)size; at += MB) {
        char* memory = mmap(NULL, 2 * MB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        need(memory != MAP_FAILED && mprotect(memory, MB, PROT_READ | PROT_WRITE) == 0, "mmap");
        for (size_t page = 0; page < MB; page += 4096)
            memory[page] = 1;
    }
}

/// A wide area with memory at its far ends; what is empty costs no piece.
static void sparse(void* size) {
    const size_t width = 1UL << 40;
    char* memory = mmap(NULL, width, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    need(memory != MAP_FAILED, "mmap");
    for (size_t at = 0; at < *(size_t*)size / 2; at += 4096) {
        memory[at] = 1;
        memory[width - 4096 - at] = 1;
    }
}

enum { most_callers = 2 };

struct Callers {
    size_t totals[most_callers];
    int begun; ///< not before they may, and all at once
};

/// Reaps one victim by so many callers, each on a CPU of its own; how long that took, or 0.
static double reap_by(int count, struct Callers* callers) {
    struct Victim victim = spawn_with(256 * MB);
    kill_and_hold(victim);
    *callers = (struct Callers){.begun = 0};
    pid_t pids[most_callers];
    for (int i = 0; i < count; ++i) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        pin(i);
        while (!__atomic_load_n(&callers->begun, __ATOMIC_ACQUIRE)) {
        }
        long got;
        while ((got = piece(victim, 4 * MB)) > 0)
            callers->totals[i] += (size_t)got;
        _exit(succeeds(got) ? 0 : 1);
    }
    usleep(10000); // until they are where they have to be
    const double start = seconds();
    __atomic_store_n(&callers->begun, 1, __ATOMIC_RELEASE);
    bool good = true;
    for (int i = 0; i < count; ++i) {
        int status = -1;
        waitpid(pids[i], &status, 0);
        good = good && status == 0 && callers->totals[i] > 0;
    }
    const double took = seconds() - start;
    good = good && rss(victim.pid) < REST;
    end(victim);
    return good ? took : 0;
}

/// Two callers share one victim: both get something, together all of it.
static void side_by_side(void) {
    struct Callers* callers =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(callers != MAP_FAILED, "mmap");
    const double alone = reap_by(1, callers);
    const double together = reap_by(2, callers);
    info("two callers: %zu MiB and %zu MiB in %.1f ms; one alone: %.1f ms", callers->totals[0] / MB,
         callers->totals[1] / MB, together * 1e3, alone * 1e3);
    check(alone > 0 && together > 0, "two callers in pieces of 4096 KiB: both work, all of it");
    munmap(callers, 4096);
}

/// Its mmap_lock is taken for write nearly always: each call walks all pages with it.
static void* protect_for_ever(void* size) {
    char* memory = fill(*(size_t*)size);
    *(size_t*)size = 0;
    for (;;) {
        mprotect(memory, protected_size, PROT_READ);
        mprotect(memory, protected_size, PROT_READ | PROT_WRITE);
    }
    return NULL;
}

static void live_locked(void* unused) {
    (void)unused;
    static size_t size = protected_size;
    pthread_t thread;
    need(pthread_create(&thread, NULL, protect_for_ever, &size) == 0, "a thread");
    while (__atomic_load_n(&size, __ATOMIC_ACQUIRE) != 0)
        usleep(1000);
}

/// A call of the victim that has begun when the kill comes is finished, and holds the lock till
/// then. That is a matter of luck, so there are many tries.
static void locked(void) {
    static const char name[] = "bounded while the mmap_lock is taken: EBUSY";
    int busy = 0;
    bool good = true;
    for (int i = 0; i < 40 && busy == 0; ++i) {
        struct Victim victim = spawn(live_locked, NULL);
        hold_exit(victim, 0);
        kill(victim.pid, SIGKILL);
        const long got = piece(victim, 32 * MB);
        busy += got == -1 && errno == EBUSY;
        good = good && (got > 0 || errno == EBUSY);
        await_exit_stop(victim, 0);
        end(victim);
    }
    if (good && busy == 0)
        skip(name, "it was not taken in any of 40 tries");
    else
        check(good, "%s", name);
}

void check_bounds(void) {
    if (mrelease(-1, REAPD_MRELEASE_BOUNDED, 1) == -1 && errno == EINVAL) {
        skip("bounds", "this kernel has no PROCESS_MRELEASE_BOUNDED");
        return;
    }
    arguments();
    size_t size = 256 * MB;
    in_pieces(live_with, &size, size, 32 * MB, "256 MiB");
    in_pieces(live_with, &size, size, 5 * MB + 4096, "256 MiB");
    in_pieces(live_with, &size, size, 1, "256 MiB");
    in_pieces(live_with, &size, size, ~0UL >> 1, "256 MiB");
    in_pieces(huge, &size, size, 32 * MB, "256 MiB of huge pages");
    size = 64 * MB;
    in_pieces(scattered, &size, size, 8 * MB, "64 MiB in small areas");
    in_pieces(sparse, &size, size, 8 * MB, "64 MiB in an area of 1 TiB");
    side_by_side();
    locked();
}
