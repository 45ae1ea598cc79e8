// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Whether what was measured is what a rule's [When] section asks for.

#include "base/units.hpp"
#include "sense/meminfo.hpp"
#include "settings/rule.hpp"

#include <optional>

namespace reapd {

/// What is known at one moment. The stall shares are those of the rule's own windows.
struct Measured {
    std::optional<Permyriad> some{};
    std::optional<Permyriad> full{};
    std::optional<MemInfo> memory{};
    // Of the watched cgroup:
    std::optional<Bytes> current{};
    std::optional<std::int64_t> growth{};    ///< bytes a second
    std::optional<std::uint64_t> refaults{}; ///< pages a second
    bool operator==(const Measured&) const = default;
};

enum class Met : std::uint8_t {
    No,
    Yes,
    Unknown, ///< nothing speaks against it, but something was not measured: nobody dies for that
};

/// All conditions that are set must hold (for how long is the caller's to watch); with none set the
/// answer is No. Stall shares hold from the limit on, amounts strictly below or above it.
///
/// Without swap `SwapFree=<…` holds: it asks whether the way out into swap is closed. `SwapUsed=`
/// never does.
Met conditions_met(const When& when, const Measured& measured) noexcept;

/// Whether the limits on the machine's memory and swap hold or are near: less than twice as much is
/// left, or more than half as much used. Where there are none nothing is far away.
bool amounts_are_near(const When& when, const MemInfo& memory) noexcept;

} // namespace reapd
