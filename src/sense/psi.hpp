// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Pressure stall information: how much time tasks lost waiting for memory.

#include "base/result.hpp"
#include "base/units.hpp"

#include <string_view>

namespace reapd {

/// One line of a PSI file.
struct Stall {
    Permyriad avg10{};                 ///< share of the last 10 s that was lost
    Permyriad avg60{};                 ///< the same over 60 s
    Permyriad avg300{};                ///< the same over 300 s
    std::chrono::microseconds total{}; ///< time lost since boot or since the cgroup was made

    bool operator==(const Stall&) const = default;
};

struct Pressure {
    Stall some{}; ///< at least one task was waiting
    Stall full{}; ///< every task that was not idle was waiting: no work was done at all

    bool operator==(const Pressure&) const = default;
};

/// Parses the text of /proc/pressure/memory or of a cgroup's memory.pressure.
///
/// The averages are kept in the two decimals the kernel prints; nothing is rounded.
/// The kernel updates them every 2 s, so reading more often returns the same numbers.
///
/// @param text  the whole file: a `some` line, then a `full` line
/// @return both lines; never a half-filled value
/// Errors: EBADMSG if a line or a field is missing, out of order, repeated or not a number.
/// Source: Documentation/accounting/psi.rst; psi_show() in kernel/sched/psi.c.
Result<Pressure> parse_pressure(std::string_view text) noexcept;

} // namespace reapd
