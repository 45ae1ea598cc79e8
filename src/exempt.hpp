// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Who would be passed over at a kill, as the executioner sees it when it has collected the
/// processes; for those who only ask.

#include "sense/sampler.hpp"
#include "sense/table.hpp"

namespace reapd {

/// Whether oom_score_adj is -1000 for the main process of a cgroup, or for every one in it and
/// below it. Unknown is not exempt, and a cgroup with very many processes is not looked through.
bool is_exempt(const Machine& machine, const Table& table, Slot slot) noexcept;

} // namespace reapd
