// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// One process, as far as choosing between processes of one cgroup needs it.

#include "base/result.hpp"
#include "base/units.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string_view>

namespace reapd {

struct ProcessSample {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t group = 0;           ///< process group; equal to pid in its leader
    pid_t session = 0;         ///< POSIX session; equal to pid in its leader
    std::uint64_t started = 0; ///< clock ticks since boot
    Bytes memory{};            ///< anonymous + swap: what its death gives back
    bool unkillable = false;   ///< oom_score_adj is -1000
    bool operator==(const ProcessSample&) const = default;
};

/// pid, parent, group, session and start time from the text of /proc/PID/stat. The name in it may
/// hold any byte, also ") Z 1", so fields count from the last parenthesis. Errors: EBADMSG; ESRCH:
/// the kernel has begun to take the process apart. Source: proc_pid_stat(5); do_task_stat() in
/// fs/proc/array.c.
Result<ProcessSample> parse_process_stat(std::string_view text) noexcept;

/// RssAnon + VmSwap from the text of /proc/PID/status; 0 for a process without memory of its
/// own (a zombie, also one whose other threads live on).
/// Errors: EBADMSG, also for a text that ends before the line "Threads:".
Result<Bytes> parse_process_memory(std::string_view text) noexcept;

/// Reads all of it, all of the same process: it is held open meanwhile. Allocates nothing.
/// `proc` is an open /proc. A process whose main thread has exited shows no memory there, so
/// another thread is asked; nobody hides from the ranking that way.
/// Errors: ENOENT or ESRCH when the process is gone.
Result<ProcessSample> read_process(int proc, pid_t pid) noexcept;

} // namespace reapd
