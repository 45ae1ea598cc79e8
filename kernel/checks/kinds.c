// SPDX-License-Identifier: LGPL-2.1-or-later
// Which memory of a dying process goes by process_mrelease() and which stays for its exit.
#define _GNU_SOURCE
#include "checks.h"
#include "report.h"
#include "victim.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { size = 64 << 20, swap_size = 128 << 20, huge_page = 2 << 20 };

static void huge(void* unused) {
    (void)unused;
    char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED, "mmap");
    madvise(memory, size, MADV_HUGEPAGE);
    memset(memory, 1, size);
}

static void locked(void* unused) {
    (void)unused;
    need(mlock(fill(size), size) == 0, "mlock");
}

static void shared(void* unused) {
    (void)unused;
    char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED, "mmap");
    memset(memory, 1, size);
}

/// Written pages of a private mapping are copies, which are anonymous memory.
static void copied(void* unused) {
    (void)unused;
    const int fd = (int)memfd_create("file", 0);
    need(fd >= 0 && ftruncate(fd, size) == 0, "a file in memory");
    char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    need(memory != MAP_FAILED, "mmap");
    memset(memory, 1, size);
}

static void huge_pages(void* unused) {
    (void)unused;
    char* memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    need(memory != MAP_FAILED, "huge pages");
    memset(memory, 1, size);
}

static void check_kind(Life* life, bool goes, const char* name) {
    struct Victim victim = spawn(life, NULL);
    kill_and_hold(victim);
    const size_t before = rss(victim.pid);
    const bool good = succeeds(mrelease(victim.pidfd, 0, 0));
    const size_t after = rss(victim.pid);
    check(good && before >= size - REST && (goes ? after < REST : after >= size - REST),
          "%s: it %s", name, goes ? "goes" : "stays");
    end(victim);
}

/// Not part of the resident set.
static void check_huge_pages(void) {
    if (!write_text("/proc/sys/vm/nr_hugepages", "32") || meminfo("HugePages_Free") != 32) {
        skip("hugetlb: it stays", "no huge pages to be had");
        return;
    }
    struct Victim victim = spawn(huge_pages, NULL);
    kill_and_hold(victim);
    const bool good = succeeds(mrelease(victim.pidfd, 0, 0));
    check(good && meminfo("HugePages_Free") == 0, "hugetlb: it stays");
    end(victim);
    check(meminfo("HugePages_Free") == size / huge_page, "hugetlb: it goes with the exit");
    write_text("/proc/sys/vm/nr_hugepages", "0");
}

/// A file system of its own kind: version 1 and the last page, behind 1024 bytes for a boot sector.
static bool make_swap(const char* path) {
    static char page[4096];
    unsigned int* const words = (unsigned int*)page;
    words[256] = 1;
    words[257] = swap_size / sizeof page - 1;
    memcpy(page + sizeof page - 10, "SWAPSPACE2", 10);
    const int disk = open(path, O_RDWR);
    const bool good = disk >= 0 && write(disk, page, sizeof page) == sizeof page;
    close(disk);
    return good;
}

static void swapped(void* unused) {
    (void)unused;
    need(madvise(fill(size), size, MADV_PAGEOUT) == 0, "MADV_PAGEOUT");
}

static void check_swapped(void) {
    if (!write_text("/sys/block/zram0/disksize", "134217728")) {
        skip("memory in swap: its swap goes", "no compressed memory to swap to");
        return;
    }
    need(make_swap("/dev/zram0") && swapon("/dev/zram0", 0) == 0, "swap");
    struct Victim victim = spawn(swapped, NULL);
    kill_and_hold(victim);
    const size_t before = meminfo("SwapFree");
    const bool good = succeeds(mrelease(victim.pidfd, 0, 0));
    const size_t after = meminfo("SwapFree");
    info("swap free %zu MiB, then %zu MiB", before / MB, after / MB);
    check(good && before < swap_size - size / 2 && after > swap_size - 2 * REST,
          "memory in swap: its swap goes");
    end(victim);
    swapoff("/dev/zram0");
}

/// Since 5.18 the kernel unlocks pages one by one while it unmaps them.
static bool locked_memory_goes(void) {
    struct utsname kernel;
    uname(&kernel);
    int major = 0;
    int minor = 0;
    sscanf(kernel.release, "%d.%d", &major, &minor);
    return major > 5 || (major == 5 && minor >= 18);
}

void check_kinds(void) {
    check_kind(huge, true, "anonymous memory in huge pages");
    check_kind(copied, true, "copied pages of a private file mapping");
    check_kind(locked, locked_memory_goes(), "memory under mlock()");
    check_kind(shared, false, "shared memory");
    check_huge_pages();
    check_swapped();
}
