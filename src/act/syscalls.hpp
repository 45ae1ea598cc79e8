// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The calls on processes that the C library does not offer to C++. Each answers 0 or an errno.
/// (glibc 2.36 declares some of them in <sys/pidfd.h>, but without extern "C".)

#include "base/fd.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace reapd {

/// A descriptor that stays with this process when its pid is used again; -1 with errno.
inline int open_pidfd(pid_t pid) noexcept {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

/// ESRCH: it has been waited for.
inline int signal_pidfd(int pidfd, int signal, unsigned int flags = 0) noexcept {
    return ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, flags) == 0 ? 0 : errno;
}

} // namespace reapd
