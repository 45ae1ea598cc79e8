// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// One process with its descendants, in a cgroup that holds a whole login: the program that took
/// the memory dies, the shell or desktop it was started from lives.
///
/// Never chosen: the oldest process (the one the session lives and dies with), its ancestors,
/// processes with oom_score_adj -1000 and whoever would take one of those along. What hosts other
/// sessions or jobs (process groups) or is a session's leader with children (shell, terminal,
/// multiplexer, sshd, window manager) is passed over for one of its children unless it holds most
/// of the memory itself. Of a job the whole dies (make, not one compiler), unless nearly all is in
/// one part of it.

#include "sense/process.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <span>

namespace reapd {

/// Working storage, one for each process.
struct ProcessNode {
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    Bytes memory{};              ///< what dies with it: its own and that of its descendants
    std::uint32_t parent = none; ///< place of its parent among the processes
    std::uint32_t heir = none;   ///< place of its child with the most memory
    std::uint32_t by_pid = 0;    ///< places of the processes in order of their pids
    std::uint32_t pending = 0;   ///< children not yet counted, then whether it dies
    bool childless = false;
    bool barred = false; ///< may not die
    bool hosts = false;  ///< sessions depend on it
};

/// Which process dies, as place in `processes`; nothing when no one may, or when the memory is in
/// those that may not. `nodes` is as long as `processes` and describes them afterwards.
std::optional<std::size_t> pick_process(std::span<const ProcessSample> processes,
                                        std::span<ProcessNode> nodes) noexcept;

/// Writes the pids of `chosen` (first) and its descendants to `out`; what does not fit is left
/// out. `nodes` as pick_process() left them; `pending` of them is overwritten.
/// @return how many were written
std::size_t descendants(std::span<const ProcessSample> processes, std::span<ProcessNode> nodes,
                        std::size_t chosen, std::span<pid_t> out) noexcept;

} // namespace reapd
