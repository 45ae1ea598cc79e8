// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// process_mrelease(2), which the C library does not offer to C++, and our extension of it.

#include "uapi/mrelease.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace reapd {

/// Frees the memory of a dying process in this thread instead of waiting for the process to
/// get a CPU. Source: process_mrelease() in mm/oom_kill.c, Linux 5.15.
///
/// ESRCH: it frees its memory itself, or did; EAGAIN: not all could be freed yet; EINVAL: it is
/// not dying, or shares its memory with a process that is not.
inline int release_memory(int pidfd) noexcept {
    return ::syscall(SYS_process_mrelease, pidfd, 0) == 0 ? 0 : errno;
}

/// Flag of process_mrelease(pidfd, flags, most), of kernels with our extension: it frees at most so
/// many bytes and answers how many that were, and never waits for the lock of the address space.
/// Kernels without it refuse the flag with EINVAL before they look at the descriptor.
constexpr unsigned int release_bounded = REAPD_MRELEASE_BOUNDED;

/// What one call with a bound did.
struct Piece {
    int error = 0;         ///< an errno
    std::size_t freed = 0; ///< bytes; 0 without an error: nothing is left
};

/// As release_memory() at most `most` bytes, on kernels that take release_bounded. EBUSY: someone
/// holds the lock of the address space.
inline Piece release_piece(int pidfd, std::size_t most) noexcept {
    const long freed = ::syscall(SYS_process_mrelease, pidfd, release_bounded, most);
    return freed < 0 ? Piece{.error = errno} : Piece{.freed = static_cast<std::size_t>(freed)};
}

/// Whether the kernel has release_bounded; asked with a descriptor that is none, so nothing
/// happens.
inline bool has_bounded_release() noexcept { return release_piece(-1, 1).error == EBADF; }

} // namespace reapd
