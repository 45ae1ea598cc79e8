// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Taking memory from who does not use it: from whom, how much at a time, and when to leave off.
///
/// The budget and the pause of a cgroup follow what its last round cost. Where more than a
/// twentieth of what went came back within seconds, or it stood a twentieth of that time, the next
/// round is half as large and comes after twice the time; where not, both go back as fast. So a
/// cgroup that turns out to work is left alone after a few small rounds, and one that sleeps is
/// cooled at full speed.

#include "sense/meminfo.hpp"
#include "sense/table.hpp"
#include "settings/rule.hpp"

#include <optional>
#include <span>

namespace reapd {

/// One candidate, as far as cooling is concerned.
struct Coolable {
    Slot slot = no_slot;
    Bytes unprotected{}; ///< resident, above memory.min and memory.low
    Microseconds idle{};
    int preference = 0; ///< 1: Prefer=, -1: Avoid=
    bool rests = false; ///< its pause is not over
    bool operator==(const Coolable&) const = default;
};

/// Whom to cool next: the most preferred and then largest of those that have been idle for Idle=
/// and have MinimumSize= that nothing protects. Who was cooled `last` goes on before others, so
/// that its cost can be seen; where all is equal, the lower slot does. Nothing: nobody.
std::optional<std::size_t> pick_coolable(const Rule& rule, std::span<const Coolable> candidates,
                                         Slot last) noexcept;

/// Whether there is a place for what is taken: at least a tenth of the swap is free. What is only
/// called cold stays where it is.
bool has_place(const Rule& rule, const MemInfo& memory) noexcept;

/// How a cgroup is cooled next; with a budget of 0 it never was.
struct Dose {
    Bytes budget{};
    Microseconds pause{};
    bool operator==(const Dose&) const = default;
};

/// The dose of a first round.
Dose first_dose(const Cooling& cooling) noexcept;

/// What a round moved, and what it cost the cgroup in the seconds after, beyond what went on
/// before.
struct RoundCost {
    Bytes moved{};
    Bytes back{}; ///< read again
    Microseconds stalled{};
    Microseconds observed{};
    bool exhausted = false; ///< there was not enough to take
    bool operator==(const RoundCost&) const = default;
};

/// Whether it took back what went.
bool takes_back(const RoundCost& cost) noexcept;

Dose next_dose(const Dose& before, const Cooling& cooling, const RoundCost& cost) noexcept;

/// How long a round's cost is looked at: until the next could come, but from 1 to 10 s.
Microseconds observation(const Cooling& cooling) noexcept;

/// Whether a rule cools whatever the machine looks like.
bool cools_always(const Rule& rule) noexcept;

/// Whether a rule cools only who has been idle for a while.
bool asks_who_is_idle(const Rule& rule) noexcept;

/// How often who is idle is looked at for such a rule: often enough to know it after a time and a
/// half, and seldom enough not to be seen.
Microseconds idle_step(const Cooling& cooling) noexcept;

} // namespace reapd
