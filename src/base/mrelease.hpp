// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// process_mrelease(2), which the C library does not offer to C++, and our extensions of it.
///
/// Kernels without an extension refuse its flag with EINVAL before they look at the descriptor. So
/// each is asked for with a descriptor that is none, and nothing happens: EBADF says that it is
/// there.

#include "base/release_calls.hpp"
#include "uapi/mrelease.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>

namespace reapd {

/// Flag: SIGKILL first, to the process and to all who share its memory, or to nobody. The memory is
/// in hand before the signal is sent, so a victim cannot be fast and leave with it.
constexpr unsigned int release_kill = REAPD_MRELEASE_REAP_KILL;

/// Flag, with a third argument: to free at most so many bytes and answer how many that were, and
/// never to wait for the lock of the address space.
constexpr unsigned int release_bounded = REAPD_MRELEASE_BOUNDED;

/// Flag of pidfd_send_signal(2), with SIGKILL: the kernel frees the memory in a thread of its own.
constexpr unsigned int signal_expedite = REAPD_PIDFD_SIGNAL_EXPEDITE;

/// Frees the memory of a dying process in this thread instead of waiting for the process to
/// get a CPU. Source: process_mrelease() in mm/oom_kill.c, Linux 5.15.
///
/// ESRCH: it frees its memory itself, or did; EAGAIN: not all could be freed yet; EINVAL: it is
/// not dying, or shares its memory with a process that is not. With release_kill EPERM and EBUSY:
/// it, or one who shares its memory, may not be signalled.
inline int release_memory(int pidfd, unsigned int flags = 0) noexcept {
    return ::syscall(SYS_process_mrelease, pidfd, flags) == 0 ? 0 : errno;
}

/// What one call with a bound did.
struct Piece {
    int error = 0;         ///< an errno
    std::size_t freed = 0; ///< bytes; 0 without an error: nothing is left
};

/// As release_memory() at most `most` bytes, on kernels that take release_bounded. EBUSY: someone
/// holds the lock of the address space.
inline Piece release_piece(int pidfd, std::size_t most, unsigned int flags = 0) noexcept {
    const long freed = ::syscall(SYS_process_mrelease, pidfd, flags | release_bounded, most);
    return freed < 0 ? Piece{.error = errno} : Piece{.freed = static_cast<std::size_t>(freed)};
}

/// What this kernel has. Bit 0 of pidfd_send_signal(2), once proposed for expedite, must never be
/// asked for: since Linux 6.9 it means a single thread.
inline ReleaseOffers probe_releases() noexcept {
    const auto signalled = [] {
        return ::syscall(SYS_pidfd_send_signal, -1, SIGKILL, nullptr, signal_expedite);
    };
    return {.bounded = release_piece(-1, 1).error == EBADF,
            .reap_kill = release_memory(-1, release_kill) == EBADF,
            .expedite = signalled() < 0 && errno == EBADF};
}

} // namespace reapd
