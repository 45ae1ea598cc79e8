// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The memory of a cgroup added up from its processes: what is left to go by where the hierarchy
/// has no memory controller. Pages that several of them share count more than once, page cache
/// and what processes left behind (tmpfs) not at all.

#include "sense/sampler.hpp"

#include <sys/types.h>

#include <span>

namespace reapd {

/// The processes directly in the cgroup `dir`; what does not fit is left out.
std::span<const pid_t> read_pids(int dir, std::span<pid_t> out) noexcept;

/// Anonymous memory and swap of the processes directly in the cgroup `dir`.
/// Errors: ENOENT, ENODEV when the cgroup is gone.
Result<Remains> sum_processes(const Machine& machine, int dir) noexcept;

/// As measure() and, of a row with a closeup, measure_closely(): by processes.
void measure_by_processes(const Machine& machine, Row& row, TimePoint now) noexcept;

/// As measure_closely() of a row that was measured by its processes, and has its closeup since.
void take_all_as_anonymous(Row& row) noexcept;

} // namespace reapd
