// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Ways to kill a cgroup and have its memory back: ours and those of others, by what their sources
/// say. Each returns when its killer would go on to something else, or once `over` is set.

#include "act/executioner.hpp"
#include "native/world.hpp"

#include <atomic>

namespace reapd::test {

enum class Way {
    Reapd,      ///< cgroup.kill, process_mrelease at once and in parallel, help with the CPU
    CgroupKill, ///< nothing but cgroup.kill
    Signals,    ///< SIGKILL to all of cgroup.procs until there is nobody
    Oomd,       ///< rounds of SIGKILL, a second apart; then process_mrelease, one by one
    Earlyoom,   ///< the largest process: SIGKILL, process_mrelease, wait for its end; the next
};

constexpr Way all_ways[] = {Way::Reapd, Way::CgroupKill, Way::Signals, Way::Oomd, Way::Earlyoom};

const char* name_of(Way way);

void kill_by(Way way, Executioner& executioner, const Cgroup& cgroup,
             const std::atomic<bool>& over);

} // namespace reapd::test
