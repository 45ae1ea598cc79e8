// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Hints about the memory of processes with process_madvise(2), which needs CAP_SYS_NICE and the
/// right to look into them (PTRACE_MODE_READ).
///
/// Between reading a map and using it the process may change it, run another program or end, and
/// its pid may be given to another. Neither advice changes what anybody finds in his memory; at
/// worst other memory goes than was meant. So all of this is accepted, unless the order has the
/// cgroup stand still meanwhile.

#include "act/cooling.hpp"
#include "act/thawer.hpp"
#include "act/walk.hpp"
#include "base/fd.hpp"

#include <sys/types.h>
#include <sys/uio.h>

#include <array>
#include <bitset>

namespace reapd {

/// What a round needs besides its stack, made at start.
struct HintScratch {
    /// More than this many processes at a time would be a fork bomb, of which none is idle.
    static constexpr std::size_t most_processes = 4096;
    struct Process {
        pid_t pid = 0;
        Bytes memory{};
    };
    /// Of a walk through more cgroups the rest is left alone.
    static constexpr std::size_t most_cgroups = 65536;
    Walk walk{};
    std::bitset<most_cgroups> promised{}; ///< by number: it, or what it lies in, is promised memory
    std::array<char, 65536> text{};
    std::array<Process, most_processes> processes{};
    /// As many as one call takes (UIO_MAXIOV).
    std::array<iovec, 1024> pageout{};
    std::array<iovec, 1024> cold{};
};

/// Goes through the processes of the cgroup `dir` and all below it, largest first, until the budget
/// is moved. Whatever below it is promised memory of its own by memory.min or memory.low is left
/// alone: this advice takes no notice of that. `thawer` is for those that are to stand still for
/// it.
CoolingResult hint_cgroup(const Fd& proc, const Fd& dir, const CoolingOrder& order,
                          const StopSign& stop, HintScratch& scratch, Thawer& thawer) noexcept;

} // namespace reapd
