// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/escalation.hpp"

#include <chrono>

namespace reapd {
namespace {

// A machine that is filled beyond its memory stalls in bursts: the quiet between them was 1 to 10 s
// in a guest. Forgiven that soon, one victim after the other dies for what cannot be helped.
constexpr std::chrono::seconds end_of_bursts{15};

Escalation counted(const Rule& rule, std::uint32_t in_a_row) noexcept {
    return {.useless_in_a_row = in_a_row, .stuck = in_a_row >= rule.max_useless};
}

} // namespace

Escalation after(const Escalation& before, const Rule& rule, bool useless,
                 const Aftermath& aftermath) noexcept {
    const std::uint32_t in_a_row = before.useless_in_a_row + 1;
    return useless ? counted(rule, in_a_row) : Escalation{.doubtful = in_a_row, .last = aftermath};
}

Escalation again(const Escalation& before, const Rule& rule, Bytes killable) noexcept {
    if (before.last == Aftermath{})
        return before;
    const bool in_reach = killable.value >= before.last.left.value + before.last.released.value / 2;
    return in_reach ? Escalation{} : counted(rule, before.doubtful);
}

Escalation pressure_ended(const Escalation&) noexcept { return {}; }

Microseconds forgiving_span(const Escalation& before, bool stuck) noexcept {
    return stuck || before != Escalation{} ? Microseconds{end_of_bursts} : Microseconds{};
}

} // namespace reapd
