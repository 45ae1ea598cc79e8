// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/features.hpp"

#include <string_view>

namespace reapd {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

struct Name {
    bool Features::* has;
    std::string_view name;
};

constexpr Name names[] = {
    {&Features::unified, "unified"},
    {&Features::memory_controller, "memory-controller"},
    {&Features::psi, "psi"},
    {&Features::cgroup_psi, "cgroup-psi"},
    {&Features::privileged_triggers, "privileged-triggers"},
    {&Features::meminfo, "meminfo"},
    {&Features::cgroup_kill, "cgroup-kill"},
    {&Features::mrelease, "mrelease"},
    {&Features::mrelease_bounded, "mrelease-bounded"},
    {&Features::mrelease_reap_kill, "mrelease-reap-kill"},
    {&Features::kill_expedite, "kill-expedite"},
    {&Features::process_madvise, "process-madvise"},
    {&Features::memory_reclaim, "memory-reclaim"},
    {&Features::reclaim_swappiness, "reclaim-swappiness"},
    {&Features::swap, "swap"},
    {&Features::zram, "zram"},
    {&Features::can_signal, "cap-kill"},
    {&Features::can_override, "cap-dac-override"},
    {&Features::can_nice, "cap-sys-nice"},
    {&Features::can_trace, "cap-sys-ptrace"},
    {&Features::can_tell_users, "cap-setuid"},
    {&Features::can_lock, "locked-memory"},
    {&Features::lru_gen_min_ttl, "lru-gen-min-ttl"},
};

struct Warning {
    bool Features::* member;
    bool when; ///< warned of when the member has this value
    std::string_view text;
};

// What is missing, what follows from it, what to do about it. Only what an administrator can
// change or would wonder about; no swap is as good a choice as swap.
constexpr Warning warnings[] = {
    {&Features::unified, false,
     "No unified cgroup hierarchy (cgroup v2) found: there is nothing to watch or to choose from. "
     "Boot with systemd.unified_cgroup_hierarchy=1 on the kernel command line."},
    {&Features::memory_controller, false,
     "The memory controller is not on the unified hierarchy: the memory of a cgroup is added up "
     "from its processes, which is slower and less exact. Boot without cgroup_disable=memory and "
     "with systemd.unified_cgroup_hierarchy=1."},
    {&Features::psi, false,
     "/proc/pressure/memory cannot be read: rules that have amounts, too, go on with half of "
     "these, rules with pressure alone are off. Boot with psi=1 on the kernel command line."},
    {&Features::cgroup_psi, false,
     "Cgroups have no memory.pressure: only the pressure of the whole machine is known, rules that "
     "watch a slice never hold. Boot with psi=1 and without cgroup_disable=pressure."},
    {&Features::privileged_triggers, false,
     "Pressure triggers take no window shorter than 2 s: reapd may notice pressure up to 2 s late. "
     "It needs CAP_SYS_RESOURCE."},
    {&Features::meminfo, false,
     "/proc/meminfo cannot be read: rules with MemoryAvailable= or SwapFree= never hold. Mount "
     "/proc without subset=pid (in the unit: ProcSubset=all)."},
    {&Features::mrelease, false,
     "process_mrelease is not available: victims give their memory back at their own pace. It came "
     "with Linux 5.15, and the unit's SystemCallFilter= must list it."},
    {&Features::can_signal, false,
     "No CAP_KILL: processes of other users cannot be signalled or their memory released. Let the "
     "unit keep CAP_KILL."},
    {&Features::can_override, false,
     "No CAP_DAC_OVERRIDE: a cgroup whose owner took the permissions off it cannot be read or "
     "killed. Let the unit keep CAP_DAC_OVERRIDE."},
    {&Features::can_nice, false,
     "No CAP_SYS_NICE: reapd waits for the processor like everybody else, and a starved victim "
     "cannot be hurried. Let the unit keep CAP_SYS_NICE."},
    {&Features::can_tell_users, false,
     "No CAP_SETUID: kills of users' units are told in the system's journal alone. Let the unit "
     "keep "
     "CAP_SETUID."},
    {&Features::can_lock, false,
     "Memory cannot be locked: reapd may have to wait for its own pages when memory is gone. Let "
     "the unit keep CAP_IPC_LOCK or set LimitMEMLOCK=infinity."},
    {&Features::lru_gen_min_ttl, true,
     "/sys/kernel/mm/lru_gen/min_ttl_ms is not 0: the kernel kills by itself when it cannot keep "
     "the working set that long, and it picks single processes. Write 0 to it."},
};

} // namespace

std::vector<std::string> feature_names(const Features& features) {
    std::vector<std::string> found;
    for (const Name& name : names)
        if (features.*name.has)
            found.emplace_back(name.name);
    if (features.smallest_window.count() > 0) {
        const auto window = duration_cast<milliseconds>(features.smallest_window);
        found.push_back("psi-window-" + std::to_string(window.count()) + "ms");
    }
    return found;
}

std::vector<std::string> known_features() {
    std::vector<std::string> all;
    for (const Name& name : names)
        all.emplace_back(name.name);
    return all;
}

std::vector<std::string> feature_warnings(const Features& features) {
    std::vector<std::string> said;
    for (const Warning& warning : warnings) {
        // Without PSI, its triggers and the files of cgroups go without saying; without the
        // hierarchy, its files do.
        if (!features.psi && (warning.member == &Features::cgroup_psi ||
                              warning.member == &Features::privileged_triggers))
            continue;
        if (!features.unified && (warning.member == &Features::memory_controller ||
                                  warning.member == &Features::cgroup_psi))
            continue;
        if (features.*warning.member == warning.when)
            said.emplace_back(warning.text);
    }
    return said;
}

} // namespace reapd
