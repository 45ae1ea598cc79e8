// SPDX-License-Identifier: LGPL-2.1-or-later
#include "native/quiet.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

namespace {

std::atomic<int> scopes{0};
thread_local int own_scopes = 0;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

void check() noexcept {
    if (scopes.load(std::memory_order_relaxed) == 0)
        return;
    const bool main_thread = ::getpid() == ::gettid();
    if (main_thread && own_scopes == 0)
        return;
    constexpr char text[] = "the kill path has allocated memory\n";
    (void)!::write(STDERR_FILENO, text, sizeof text - 1);
    std::abort();
}

} // namespace

// These are the C library's names, not ours.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
// glibc's allocator under its other names; `operator new` calls malloc.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
    check();
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    check();
    return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
    check();
    return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
    check();
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
    *memory = memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace reapd::test {
bool can_be_quiet() noexcept { return true; }
} // namespace reapd::test

#else

} // namespace

namespace reapd::test {
bool can_be_quiet() noexcept { return false; }
} // namespace reapd::test

#endif

namespace reapd::test {

Quiet::Quiet() noexcept {
    ++own_scopes;
    scopes.fetch_add(1, std::memory_order_relaxed);
}

Quiet::~Quiet() {
    scopes.fetch_sub(1, std::memory_order_relaxed);
    --own_scopes;
}

} // namespace reapd::test
