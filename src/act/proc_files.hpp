// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The little that a kill needs from /proc/PID. Of a process that is gone nothing is known, and
/// that is no error.

#include "base/fd.hpp"
#include "base/units.hpp"

#include <sys/types.h>

#include <optional>

namespace reapd {

/// Resident memory that is neither a file's nor shared, from /proc/PID/statm. A few pages off on
/// machines with many CPUs; it only orders. Source: proc_pid_statm(5).
Bytes read_private_memory(const Fd& proc, pid_t pid) noexcept;

/// All resident memory, likewise.
Bytes read_resident_memory(const Fd& proc, pid_t pid) noexcept;

/// Whether oom_score_adj is -1000: nobody may OOM-kill this process.
std::optional<bool> read_unkillable(const Fd& proc, pid_t pid) noexcept;

struct ProcessStat {
    char state = 'R'; ///< T and t: stopped, Z and X: dead
    pid_t parent = 0;
    bool ran_program = false; ///< it has called execve(2) since it was forked

    bool operator==(const ProcessStat&) const = default;
};

/// From /proc/PID/stat. Source: proc_pid_stat(5).
std::optional<ProcessStat> read_stat(const Fd& proc, pid_t pid) noexcept;

/// Opens the directory /proc/PID/task; empty when it cannot be.
Fd open_tasks(const Fd& proc, pid_t pid) noexcept;

} // namespace reapd
