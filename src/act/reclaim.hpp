// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// memory.reclaim: the kernel takes memory from a cgroup and all below it, as it would under
/// pressure. It spares what memory.min and memory.low protect.

#include "act/cooling.hpp"
#include "act/walk.hpp"
#include "base/fd.hpp"

#include <span>

namespace reapd {

/// What may be taken of the cgroup `dir`: not what memory.min and memory.low promise it.
Bytes read_within_reach(const Fd& dir) noexcept;

/// The same, without what those right below it are promised: the kernel gives that up when there is
/// nothing else left. What is promised farther down counts within that of these.
Bytes read_within_reach(const Fd& dir, Walk& walk) noexcept;

/// Whether the cgroup `dir` itself is promised anything.
bool is_promised_memory(const Fd& dir) noexcept;

/// Reclaims up to the budget from the cgroup `dir`, step by step.
CoolingResult reclaim(const Fd& dir, const CoolingOrder& order, const StopSign& stop) noexcept;

/// What was paged out to a disk by a hint is written while it stays where it is, and free only when
/// reclaim comes across it again: MemAvailable does not count it. Has that done, up to the budget;
/// where it is not written yet reclaim takes other memory, of which it returns how much went to
/// swap. What is promised to the cgroup or to those right below it is spared. Nothing happens
/// before Linux 5.19. `text` holds memory.stat.
Bytes free_paged_out(const Fd& dir, const CoolingOrder& order, const StopSign& stop,
                     std::span<char> text, Walk& walk) noexcept;

} // namespace reapd
