// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/escalation.hpp"

namespace reapd {

Escalation after(const Escalation& before, const Rule& rule, bool useless) noexcept {
    if (!useless)
        return {};
    const std::uint32_t in_a_row = before.useless_in_a_row + 1;
    return {.useless_in_a_row = in_a_row, .stuck = in_a_row >= rule.max_useless};
}

Escalation pressure_ended(const Escalation&) noexcept { return {}; }

} // namespace reapd
