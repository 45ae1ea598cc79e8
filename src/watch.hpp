// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A watch: one rule looking at one cgroup, with the guard's memory of it. Kept by rule name and
/// cgroup id, so that it outlives a reload.

#include "base/lazy_array.hpp"
#include "decide/conditions.hpp"
#include "decide/escalation.hpp"
#include "decide/stall_window.hpp"
#include "sense/psi.hpp"
#include "sense/table.hpp"
#include "settings/rule.hpp"

#include <cstdint>
#include <span>

namespace reapd {

/// How many (rule, cgroup) pairs are watched at most.
constexpr std::size_t max_watches = 1024;

struct Watch {
    bool used = false;
    bool current = false;   ///< part of the policy in force
    std::uint64_t name = 0; ///< hash of the rule's name
    CgroupId cgroup{};
    Slot slot = no_slot;
    std::uint32_t rule = 0; ///< index in the policy in force

    StallWindow some{};
    StallWindow full{};
    bool polled = false; ///< no trigger stands on it
    bool armed = false;
    bool above = false;  ///< its pressure was at the rule's limit when that was last told
    bool logged = false; ///< Do=log or DryRun=: said for this spell of pressure
    bool stuck = false;  ///< nothing may or would help against this spell
    bool told_stuck = false;
    bool concerned = false; ///< by the last kill: what was measured before it counts no more
    TimePoint armed_at{};
    TimePoint crossed_at{};  ///< when that was
    TimePoint met_since{};   ///< its conditions have held without a break; {}: they do not
    TimePoint acted_at{};    ///< its last kill
    TimePoint restless_at{}; ///< pressure was last seen
    TimePoint sampled_at{};  ///< candidates were measured last
    TimePoint judged_at{};   ///< and judged against the rule
    TimePoint next_round{};  ///< of a rule that cools
    TimePoint next_poll{};   ///< polled watches and rules with amounts only
    Escalation escalation{};
    Bytes left{}; ///< what the candidates beside the last victim promised
};

/// Whether the end of its pressure is still to be told: there was no room for it. Who heard of the
/// beginning waits for that, and hears of no other beginning before.
constexpr bool owes_crossing(const Watch& watch) noexcept {
    return watch.used && !watch.armed && watch.above;
}

/// The longest window of the rule's pressure conditions; 0 without any.
Microseconds longest_window(const When& when) noexcept;

/// The shortest: it sets the pace of sampling.
Microseconds shortest_window(const When& when) noexcept;

/// How long a rule that looks at amounts alone may sleep.
Microseconds amounts_sleep(const When& when, const Measured& measured) noexcept;

/// Notes whether the conditions hold now. True once they have for LastingSec=.
bool lasts(Watch& watch, const When& when, Met met, TimePoint now) noexcept;

/// Fixed capacity; allocates only when it is made.
class WatchList {
public:
    /// Those that were ever used; look at `used`.
    std::span<Watch> all() noexcept { return watches_.span().first(reached_); }

    /// Makes the list agree with a new policy: what is still asked for keeps its memory and is
    /// `current`; the rest is for the caller to drop. `table` already carries the new marks. False
    /// if some did not fit.
    bool adopt(const Policy& policy, const Table& table) noexcept;

    /// A cgroup came, whose marks may name watching rules. False if some did not fit.
    bool cgroup_added(const Policy& policy, Slot slot, const Row& row) noexcept;

    Watch* find(Slot slot, std::uint32_t rule) noexcept;

private:
    bool place(const Policy& policy, Slot slot, const Row& row, std::uint32_t rule) noexcept;

    LazyArray<Watch> watches_{max_watches};
    std::size_t reached_ = 0;
};

/// The share that the rule is about: full stall where it asks for that, else some.
Permyriad main_share(const When& when, const Measured& measured) noexcept;

/// Whether the pressure conditions hold, whatever the amounts say; of a rule that has amounts
/// alone, whether those do.
bool is_above(const When& when, const Measured& measured) noexcept;

/// Adds one reading to the watch's windows.
void add_reading(Watch& watch, TimePoint now, const Pressure& pressure) noexcept;

/// The stall so far is forgotten and counts as none: what follows an action is judged by new
/// stall alone.
void restart_calm(Watch& watch, TimePoint now, const Pressure& pressure) noexcept;

/// While the memory of a victim comes back: whether nobody waits for it now. That is whether the
/// stall of the last tenth of a second was below half of the rule's shares; of a rule that has
/// amounts alone, whether these hold no more.
bool is_relieved(const Watch& watch, const When& when, const Measured& measured) noexcept;

/// Whether both windows were calm lately: below half of the rule's shares, for one window but at
/// most 10 s.
bool is_quiet(const Watch& watch, const When& when, TimePoint now) noexcept;

/// `row` is that of the watched cgroup.
Measured measured_by(const Watch& watch, const When& when, const Row& row,
                     const std::optional<MemInfo>& memory) noexcept;

} // namespace reapd
