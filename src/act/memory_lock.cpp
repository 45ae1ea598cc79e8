// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/memory_lock.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace reapd {
namespace {

constexpr std::size_t stack_span = 64UZ * 1024;

/// Blocks from this size on are mappings of their own.
constexpr int large_block = 64 << 10;

bool contains(const dl_phdr_info& object, std::uintptr_t address) noexcept {
    for (std::size_t i = 0; i < object.dlpi_phnum; ++i) {
        const auto& segment = object.dlpi_phdr[i];
        const std::uintptr_t begin = object.dlpi_addr + segment.p_vaddr;
        if (segment.p_type == PT_LOAD && address >= begin && address - begin < segment.p_memsz)
            return true;
    }
    return false;
}

/// Between pressure and SIGKILL only the program and the C library run; what else is linked is the
/// front's, and ten times as large.
bool is_on_the_way(const dl_phdr_info& object) noexcept {
    return contains(object, reinterpret_cast<std::uintptr_t>(&is_on_the_way)) ||
           contains(object, reinterpret_cast<std::uintptr_t>(&::syscall));
}

/// Called for the program and each of its libraries.
int populate(dl_phdr_info* object, std::size_t, void* error) noexcept {
    if (!is_on_the_way(*object))
        return 0;
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
        const auto& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_R) == 0)
            continue;
        const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) / page * page;
        const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_filesz;
        // Not madvise(): to the kernel an address is a number, and the headers have numbers.
        if (::syscall(SYS_madvise, begin, end - begin, MADV_POPULATE_READ) != 0)
            *static_cast<int*>(error) = errno;
    }
    return 0;
}

} // namespace

Result<> lock_memory() noexcept {
    // Left to itself the C library makes the next block of a size that was freed once in the heap,
    // and from amid the heap, which is locked, nothing goes back: a tree that is read leaves its
    // listing behind as a hole.
    (void)::mallopt(M_MMAP_THRESHOLD, large_block);
    (void)::mallopt(M_TRIM_THRESHOLD, 2 * large_block);
    (void)::prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); // Without it, it is only more memory.
    if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
        return failed("mlockall");
    return {};
}

__attribute__((noinline)) void prefault_stack() noexcept {
    char span[stack_span];
    ::explicit_bzero(span, sizeof span); // Not memset(): nobody reads it, so it would be left out.
}

Result<> prefault_code() noexcept {
    int error = 0;
    ::dl_iterate_phdr(populate, &error);
    if (error != 0)
        return failed("madvise", error);
    return {};
}

} // namespace reapd
