// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Cooling as the guard does it: round after round on one cgroup at a time, each followed by a look
/// at what it cost. Nothing here waits; the rounds are the cooler's.
///
/// Rounds on the same cgroup for the same rule are one episode, which is told when it begins and
/// when it is over: a person wants to know that something was cooled, and not each step of it.

#include "act/cooler.hpp"
#include "decide/cooling.hpp"
#include "decide/overdue.hpp"
#include "decide/rank.hpp"
#include "sense/sampler.hpp"
#include "settings/rule.hpp"
#include "tell/event.hpp"
#include "watch.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace reapd {

/// Who is to be cooled.
struct ToCool {
    Candidate before{};  ///< what it does without us
    Bytes unprotected{}; ///< of its memory; the rest is not to be taken
};

class CoolRun {
public:
    /// How many are remembered: another one takes the place of whose pause is over first.
    static constexpr std::size_t most_remembered = 64;

    /// Errors: as those of Cooler::start().
    Result<> start(int proc) noexcept { return cooler_.start(proc); }

    /// Ends the thread that cools; see Cooler::stop().
    void stop() noexcept { cooler_.stop(); }

    /// For the guard's epoll set: a round has ended.
    int ended() const noexcept { return cooler_.ended(); }

    /// Whether a round is under way, or what it cost is looked at: no other can begin.
    bool busy() const noexcept { return phase_ != Phase::Idle; }

    /// Whether a round is under way: its cgroup may stand still for it.
    bool working() const noexcept { return phase_ == Phase::Working; }

    /// Whether the last episode may go on.
    bool open() const noexcept { return open_; }

    /// The slot that was cooled last.
    Slot last() const noexcept { return slot_; }

    /// Whether the cgroup's pause is not over.
    bool rests(CgroupId id, TimePoint now) const noexcept {
        return std::ranges::any_of(cooled_, [&](const Cooled& known) {
            return known.id == id && now < known.rests_until;
        });
    }

    /// Whether a round for this watch on this cgroup would go on with the open episode.
    bool continues(const Watch& watch, CgroupId cgroup) const noexcept {
        return open_ && watch.name == rule_name_ && event_.watched == watch.cgroup &&
               event_.victim == cgroup;
    }

    /// Begins a round. `event` is that of the episode, which this begins unless it continues(); it
    /// is completed. False when it cannot begin.
    bool begin(const Rule& rule, const Watch& watch, const Row& row, const ToCool& whom,
               TimePoint now, Event& event) noexcept;

    /// Has the round end, if there is one: a kill has precedence, or swap is full.
    void cancel() noexcept { cooler_.cancel(); }

    /// Looks at a round that has ended, and at what it cost when it is time. `rule` is that of the
    /// episode; nullptr: it is gone.
    void step(TimePoint now, const Rule* rule) noexcept;

    /// Whether the round under way takes far too long: true once, and `event` tells of it.
    bool is_held_up(TimePoint now, Event& event) noexcept;

    /// When step() or finish() wants to be called next.
    TimePoint next_step() const noexcept;

    /// Whether it is long since the last round.
    bool has_cooled_off(TimePoint now) const noexcept {
        return open_ && phase_ == Phase::Idle && now >= open_until_;
    }

    /// Ends the episode: `event` is what is told of it.
    void finish(TimePoint now, Event& event) noexcept;

    /// The watch that the open episode is for.
    bool is_for(const Watch& watch) const noexcept {
        return open_ && watch.used && watch.name == rule_name_ && watch.cgroup == event_.watched;
    }

private:
    enum class Phase : std::uint8_t { Idle, Working, Observing };

    /// What is remembered of a cgroup that was cooled. What is usual of it is the least that was
    /// seen before any round: what comes back from one round is not to pass for usual at the next.
    /// Until it is known all is taken for the cost of a round.
    struct Cooled {
        CgroupId id{};
        Dose dose{};
        TimePoint rests_until{};
        std::optional<std::uint64_t> usual_refaults{}; ///< pages a second
        std::optional<Permyriad> usual_stall{};
    };

    Cooled& place_for(CgroupId id) noexcept;
    void take_result(TimePoint now) noexcept;
    void judge(TimePoint now, const Cooling& cooling) noexcept;

    Cooler cooler_{};
    std::array<Cooled, most_remembered> cooled_{};
    Cooled* known_ = nullptr; ///< who was cooled last
    Phase phase_ = Phase::Idle;
    bool open_ = false;
    Slot slot_ = no_slot;
    Fd dir_{}; ///< of our own: the guard's may close when the cgroup goes
    std::uint64_t rule_name_ = 0;
    Event event_{};
    Cooling cooling_{};
    CoolingResult round_{};
    Overdue overdue_{};
    TimePoint began_{};
    TimePoint observed_until_{};
    TimePoint open_until_{};
    std::optional<Cost> cost_before_{};
};

} // namespace reapd
