// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The processes of one cgroup, read from cgroup.procs piece by piece: the file may hold more
/// than any buffer.

#include "base/fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>

namespace reapd {

class ProcsReader {
public:
    /// Opens the file in `dir`; `buffer` holds a piece of it at a time.
    ProcsReader(int dir, std::span<char> buffer) noexcept;
    ProcsReader(const Fd& dir, std::span<char> buffer) noexcept : ProcsReader{dir.get(), buffer} {}

    /// The next pid; 0 at the end or after an error. Processes outside our pid namespace (the
    /// kernel lists them as 0) are left out.
    pid_t next() noexcept;

    /// Starts over with what the kernel says now.
    void rewind() noexcept;

    /// 0, or errno of openat(2) or read(2). ENOENT, ENODEV: the cgroup is gone. EOPNOTSUPP: it
    /// is threaded; its processes are listed in the domain above.
    int error() const noexcept { return error_; }

private:
    bool refill() noexcept;

    Fd file_;
    std::span<char> buffer_;
    std::size_t filled_ = 0;
    std::size_t at_ = 0;
    std::uint32_t number_ = 0; ///< digits so far: a piece may end within a pid
    int error_ = 0;
};

/// Whether a process lives in `dir` or below it, from cgroup.events; unknown when it cannot be
/// read.
std::optional<bool> read_populated(const Fd& dir) noexcept;

} // namespace reapd
