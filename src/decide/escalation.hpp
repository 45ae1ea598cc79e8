// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// When to stop: kills that do not help must not walk on through the session.

#include "settings/rule.hpp"

namespace reapd {

/// What a kill that ended left behind.
struct Aftermath {
    Bytes released{}; ///< what it gave back
    Bytes left{};     ///< what the other candidates promised when it was decided
    bool operator==(const Aftermath&) const = default;
};

/// What is remembered for one rule and one watched cgroup.
struct Escalation {
    std::uint32_t useless_in_a_row = 0;
    bool stuck = false;         ///< nothing dies until pressure ends
    std::uint32_t doubtful = 0; ///< in a row, should the last kill prove useless in hindsight
    Aftermath last{};           ///< of the kill that is not judged in hindsight yet
    bool operator==(const Escalation&) const = default;
};

/// After a kill of `rule` whose recovery has ended.
Escalation after(const Escalation& before, const Rule& rule, bool useless,
                 const Aftermath& aftermath = {}) noexcept;

/// The rule's conditions hold again although the last kill seemed to help; `killable` is what all
/// candidates promise together now. Where has its memory gone? To another candidate: then that
/// one is next. Else to what no kill reaches (a tmpfs, a protected process), which would have the
/// memory of the next victim too: the kill was useless.
Escalation again(const Escalation& before, const Rule& rule, Bytes killable) noexcept;

/// The rule's conditions no longer hold: everything is forgiven.
Escalation pressure_ended(const Escalation& before) noexcept;

/// How long there must have been no pressure until that is true; `stuck`: for whatever reason.
Microseconds forgiving_span(const Escalation& before, bool stuck) noexcept;

} // namespace reapd
