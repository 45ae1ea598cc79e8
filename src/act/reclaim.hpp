// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// memory.reclaim: the kernel takes memory from a cgroup and all below it, as it would under
/// pressure. It spares what memory.min and memory.low protect.

#include "act/cooling.hpp"
#include "base/fd.hpp"

namespace reapd {

/// Reclaims up to the budget from the cgroup `dir`, step by step.
CoolingResult reclaim(const Fd& dir, const CoolingOrder& order, const StopSign& stop) noexcept;

} // namespace reapd
