// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The text that oomctl(1) prints. It only passes on what DumpByFileDescriptor() answers, so the
/// layout is ours to keep; it is that of systemd-oomd 257, which others read by its labels.

#include "base/units.hpp"
#include "sense/psi.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// What memory.min and memory.low mean by "max".
constexpr Bytes unlimited{std::numeric_limits<std::uint64_t>::max()};

/// Paths in here are raw and begin with a slash; "/" is the whole machine.
struct Oom1Dump {
    struct SwapMonitored {
        std::string path{};
        Bytes swap_usage{}; ///< not shown of "/"
    };
    struct PressureMonitored {
        std::string path{};
        Permyriad limit{};
        Microseconds duration{};
        Stall pressure{}; ///< the full line
        Bytes current{};
        Bytes min{}; ///< this and what follows is not shown of "/"
        Bytes low{};
        std::uint64_t pgscan = 0;
        std::uint64_t last_pgscan = 0;
    };

    bool dry_run = false;
    Permyriad swap_used_limit{};
    Permyriad default_limit{};
    Microseconds default_duration{};
    Bytes memory_used{};
    Bytes memory_total{};
    Bytes swap_used{};
    Bytes swap_total{};
    std::vector<SwapMonitored> swap_monitored{};
    std::vector<PressureMonitored> pressure_monitored{};
};

/// The monitored cgroups are sorted by path, a cgroup before those below it.
std::string oom1_text(Oom1Dump dump);

/// A raw path as clients of org.freedesktop.oom1 compare it with theirs: with its backslashes, of
/// which names of units have many. Only bytes that no message and no terminal takes are escaped.
std::string oom1_path(std::string_view raw);

} // namespace reapd
