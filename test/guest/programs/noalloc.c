// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A library to preload: aborts the process when one of reapd's threads that must not allocate
// (reapd-guard, reapd-pool) does. A thread counts from the moment it has its name. Says on
// standard error that it is there, so that a test can tell it from a library that was not
// loaded.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

// glibc's own, under the names it keeps for wrappers like these, and its names for parameters
// are reserved.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name)
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* old);

static void say(const char* text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; // Nobody listens; the abort speaks for itself.
}

__attribute__((constructor)) static void begin(void) { say("noalloc: watching\n"); }

static void look(const char* what) {
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    if (strcmp(name, "reapd-guard") != 0 && strcmp(name, "reapd-pool") != 0)
        return;
    say("noalloc: ");
    say(name);
    say(" called ");
    say(what);
    say("\n");
    abort();
}

void* malloc(size_t size) {
    look("malloc");
    return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
    look("calloc");
    return __libc_calloc(count, size);
}

void* realloc(void* old, size_t size) {
    look("realloc");
    return __libc_realloc(old, size);
}

void* memalign(size_t alignment, size_t size) {
    look("memalign");
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
    look("aligned_alloc");
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** result, size_t alignment, size_t size) {
    look("posix_memalign");
    void* memory = __libc_memalign(alignment, size);
    if (!memory)
        return ENOMEM;
    *result = memory;
    return 0;
}

void free(void* old) {
    // Freeing nothing does nothing.
    if (old)
        look("free");
    __libc_free(old);
}
// NOLINTEND(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name)
