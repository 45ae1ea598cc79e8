// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// When to stop: kills that do not help must not walk on through the session.

#include "settings/rule.hpp"

namespace reapd {

/// What is remembered for one rule and one watched cgroup.
struct Escalation {
    std::uint32_t useless_in_a_row = 0;
    bool stuck = false; ///< nothing dies until pressure ends
    bool operator==(const Escalation&) const = default;
};

/// After a kill of `rule` whose recovery has ended.
Escalation after(const Escalation& before, const Rule& rule, bool useless) noexcept;

/// The rule's conditions no longer hold: everything is forgiven.
Escalation pressure_ended(const Escalation& before) noexcept;

} // namespace reapd
