// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What this kernel, this hierarchy and our privileges allow, found by trying without side
/// effects. Probed once at start and shown as `Features`.

#include "base/units.hpp"
#include "sense/sampler.hpp"

#include <string>
#include <vector>

namespace reapd {

struct Features {
    bool unified = false;             ///< cgroup v2 hierarchy found
    bool memory_controller = false;   ///< with the memory controller on it
    bool psi = false;                 ///< /proc/pressure/memory readable
    bool cgroup_psi = false;          ///< memory.pressure files exist
    bool privileged_triggers = false; ///< windows need not be multiples of 2 s
    Microseconds smallest_window{};   ///< of a trigger, as accepted
    bool meminfo = false;
    bool cgroup_kill = false;
    bool mrelease = false;
    bool mrelease_bounded = false;   ///< in pieces
    bool mrelease_reap_kill = false; ///< kill and release in one call
    bool kill_expedite = false;      ///< the kernel releases whom pidfd_send_signal kills
    bool process_madvise = false;
    bool memory_reclaim = false;
    bool reclaim_swappiness = false; ///< and it takes swappiness=
    bool swap = false;
    bool zram = false;
    bool can_signal = false;      ///< CAP_KILL
    bool can_override = false;    ///< CAP_DAC_OVERRIDE
    bool can_nice = false;        ///< CAP_SYS_NICE
    bool can_trace = false;       ///< CAP_SYS_PTRACE
    bool can_tell_users = false;  ///< CAP_SETUID
    bool can_lock = false;        ///< CAP_IPC_LOCK or an unlimited RLIMIT_MEMLOCK
    bool lru_gen_min_ttl = false; ///< MGLRU kills by itself (lru_gen/min_ttl_ms is not 0)

    bool operator==(const Features&) const = default;
};

/// Where the unified hierarchy is mounted: /sys/fs/cgroup, or /sys/fs/cgroup/unified in hybrid
/// mode; empty when there is none. `mounts` is the text of /proc/self/mounts.
std::string find_unified(const std::string& mounts);

Features probe_features(const Machine& machine);

/// Short names for `Features` of the bus, such as "psi", "psi-window-500ms", "mrelease".
std::vector<std::string> feature_names(const Features& features);

/// All of them, but for those with numbers.
std::vector<std::string> known_features();

/// One sentence for each thing that is missing and what reapd does without it.
std::vector<std::string> feature_warnings(const Features& features);

} // namespace reapd
