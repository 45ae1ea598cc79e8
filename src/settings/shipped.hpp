// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The shipped rules as they are in units/rules.d, in memory: for the day when no file is left.

#include <span>
#include <string_view>

namespace reapd {

struct ShippedRule {
    std::string_view name; ///< without ".rule"
    std::string_view text;
};

/// In the order of their names. The build makes this function from the files.
std::span<const ShippedRule> shipped_rules() noexcept;

} // namespace reapd
