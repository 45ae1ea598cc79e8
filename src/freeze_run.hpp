// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Freezing, from a chosen victim to the end of its time. One cgroup at a time is brought to a
/// stand, paged out and judged; whom a rule froze is remembered until the time that it gave him is
/// over. Who goes on before that, whoever thawed him, is not frozen once more: frozen and thawed in
/// turns he would be stalled and stall others for ever.

#include "act/freezer.hpp"
#include "decide/freezing.hpp"
#include "decide/overdue.hpp"
#include "decide/stall_window.hpp"
#include "sense/psi.hpp"
#include "sense/table.hpp"
#include "settings/rule.hpp"
#include "tell/event.hpp"
#include "watch.hpp"

#include <array>
#include <optional>
#include <utility>

namespace reapd {

/// How many cgroups stand frozen for rules at most.
constexpr std::size_t max_frozen = 64;

/// Of so many whose time is not over, or who were frozen within a minute, the stall counts no more,
/// for rules that kill; see excuses().
constexpr std::ptrdiff_t most_excused = 3;

/// One cgroup that a rule froze, and what its end will be told with.
struct Frozen {
    CgroupId cgroup{};   ///< 0: a free place
    bool stands = false; ///< nobody has said that it goes on, died or is gone
    Slot slot = no_slot;
    FrozenTime time{};
    bool refused = false;     ///< its kill was
    TimePoint next_attempt{}; ///< to end it
    std::uint64_t generation = 0;
    std::uint32_t rule = 0;
    CgroupId watched{};
};

class FreezeRun {
public:
    explicit FreezeRun(Freezer& freezer) : freezer_{freezer} {}

    bool active() const noexcept { return active_; }
    /// The victim does not stand still yet: what is measured now is its doing.
    bool stopping() const noexcept {
        return active_ && course_.phase() == FreezeCourse::Phase::Stopping;
    }

    /// Begins with the cgroup at `slot`. Completes `event`. False when nothing could be begun.
    bool begin(const Table& table, Slot slot, const Rule& rule, const Watch& watch, TimePoint now,
               Event& event) noexcept;

    /// Looks again. `pressure` is that of the watched cgroup, if it could be read. When freezing
    /// has ended, well or not, returns true once and `event` is the Completed event.
    bool step(const Table& table, TimePoint now, const std::optional<Pressure>& pressure,
              Event& event) noexcept;

    /// Whether the freezer takes far too long: true once, and `event` tells of it.
    bool is_held_up(TimePoint now, Event& event) noexcept;

    /// Whether it has come to a stand, and the stall that counts from now on is new: true once.
    bool has_just_stopped() noexcept { return std::exchange(just_stopped_, false); }

    /// Whether the stall until now is to count no more for rules that kill, either. It was the
    /// doing of who stands still now; but who has cgroups of his own can thaw them, or leave them
    /// for new ones, and would hold up every kill if he could go on like that.
    bool excuses(TimePoint now) const noexcept;

    /// Whether a rule froze it, however it fared since, and the time for that is not over.
    bool had_its_turn(CgroupId cgroup, TimePoint now) const noexcept;

    /// The watch that the freeze is for.
    bool is_for(const Watch& watch) const noexcept {
        return watch.used && watch.name == rule_name_ && watch.cgroup == event_.watched;
    }

    /// The first whose time is over, once every second until it is forgotten.
    Frozen* due(TimePoint now) noexcept;

    /// It stands frozen for no rule any more: thawed, killed, or gone.
    void forget(CgroupId cgroup) noexcept;
    void forget_within(const Table& table, Slot slot) noexcept;

    /// When somebody has to be looked at again.
    TimePoint next_step() const noexcept;

private:
    Frozen* place_for(CgroupId cgroup) noexcept;
    void erase(CgroupId cgroup) noexcept;

    Freezer& freezer_;
    std::array<Frozen, max_frozen> frozen_{};
    bool active_ = false;
    bool just_stopped_ = false;
    std::uint64_t rule_name_ = 0;
    Slot slot_ = no_slot;
    FreezeCourse course_{};
    Overdue overdue_{};
    StallWindow fresh_{};
    TimePoint next_look_ = TimePoint::max();
    Event event_{};
};

} // namespace reapd
