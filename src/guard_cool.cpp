// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard.hpp"

#include <algorithm>
#include <array>

/// The guard takes memory from who does not use it. It decides and hands over; a thread of its own
/// does it, and a kill is not held up by any of this.

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// Where nobody can be cooled now, nobody can a moment later either.
constexpr std::chrono::seconds look_again{1};

/// Beyond this many cgroups they take turns: each look makes the kernel add up all CPUs' counters.
constexpr std::size_t looked_at_in_turn = 512;

/// And so many in one tick: pressure and requests are not to wait for all of them.
constexpr std::size_t looked_at_once = 32;
constexpr std::chrono::milliseconds look_on{20};

} // namespace

/// Rules in their order; one round at a time, whoever's it is.
void Guard::cool(TimePoint now) noexcept {
    if (package_ == nullptr || cool_.busy())
        return;
    for (std::uint32_t rule = 0; rule < package_->policy.rules.size(); ++rule)
        for (Watch& watch : watches_.all())
            if (watch.used && watch.armed && watch.rule == rule && cools(rule_of(watch).action) &&
                cool(watch, now))
                return;
}

/// True when a round began.
bool Guard::cool(Watch& watch, TimePoint now) noexcept {
    const Rule& rule = rule_of(watch);
    const bool always = cools_always(rule);
    const bool dry_run = package_->policy.config.dry_run;
    if (now < watch.next_round || (dry_run && watch.logged) || cool_.busy())
        return false;
    if (always || !memory_) {
        const Result<MemInfo> memory = read_meminfo(machine_);
        memory_ = memory ? std::optional{*memory} : std::nullopt;
    }
    const Met met =
        always ? Met::Yes : conditions_met(rule.when, measured_of(watch, rule.when, memory_));
    if (!lasts(watch, rule.when, met, now))
        return false;
    watch.next_round = now + look_again;
    if (!memory_ || !has_place(rule, *memory_))
        return false;
    // What a cgroup does without us takes two looks.
    const bool first_look = watch.judged_at < watch.armed_at;
    pool_.sample(table_, watch, rule, memory_, now, Extent::Few);
    watch.sampled_at = watch.judged_at = now;
    if (first_look)
        return false;
    const std::span<const Candidate> ranked = pool_.ranked(table_, watch, rule, memory_->total);
    const std::optional<ToCool> chosen = whom_to_cool(watch, ranked, now);
    if (!chosen)
        return false;

    const Row& row = table_.at(chosen->before.slot);
    const bool goes_on = cool_.continues(watch, row.id);
    if (!goes_on)
        end_cooling(now);
    event_ = event_for(watch, EventKind::Acted, now);
    fill(event_, watch, ranked);
    event_.candidates = static_cast<std::uint32_t>(ranked.size());
    event_.means = rule.action;
    event_.victim = row.id;
    event_.promise = std::min(rule.cooling.budget, chosen->unprotected);
    event_.dry_run = dry_run;
    event_.action = goes_on ? 0 : ++actions_;
    watch.logged = dry_run;
    if (!dry_run && !cool_.begin(rule, watch, row, *chosen, now, event_))
        return false;
    watch.next_round = now + rule.cooling.interval;
    if (!goes_on)
        post(event_);
    return !dry_run;
}

std::optional<ToCool> Guard::whom_to_cool(const Watch& watch, std::span<const Candidate> ranked,
                                          TimePoint now) noexcept {
    std::array<Coolable, 64> coolable;
    const std::size_t count = std::min(ranked.size(), coolable.size());
    for (std::size_t i = 0; i < count; ++i) {
        const Slot slot = ranked[i].slot;
        const Row& row = table_.at(slot);
        if (asks_who_is_idle(rule_of(watch)))
            measure_activity(row, activities_[slot], now);
        coolable[i] = {.slot = slot,
                       .unprotected = read_unprotected(table_, slot).value_or(Bytes{}),
                       .idle = activities_[slot].idle(),
                       .preference = ranked[i].preference,
                       .rests = cool_.rests(row.id, now)};
    }
    const std::optional<std::size_t> best =
        pick_coolable(rule_of(watch), std::span{coolable}.first(count), cool_.last());
    if (!best)
        return std::nullopt;
    return ToCool{.before = ranked[*best], .unprotected = coolable[*best].unprotected};
}

void Guard::go_on_cooling(TimePoint now) noexcept {
    const Rule* rule = nullptr;
    for (const Watch& watch : watches_.all())
        if (cool_.is_for(watch))
            rule = &rule_of(watch);
    if (cool_.busy() && rule != nullptr && memory_ && !has_place(*rule, *memory_))
        cool_.cancel();
    cool_.step(now, rule);
    if (cool_.is_held_up(now, event_))
        post(event_);
    if (cool_.has_cooled_off(now))
        end_cooling(now);
}

void Guard::end_cooling(TimePoint now) noexcept {
    if (!cool_.open())
        return;
    cool_.finish(now, event_);
    event_.memory = memory_;
    post(event_);
}

/// Whether its rule may soon want to know who is idle. One without a limit on pressure looks at
/// amounts now and then anyway.
bool Guard::wants_idle(const Watch& watch) const noexcept {
    return watch.used && asks_who_is_idle(rule_of(watch)) &&
           (watch.armed || amounts_only(rule_of(watch).when));
}

/// Whether a limit is crossed from which on somebody dies; what can wait is not to hold that up.
bool Guard::may_kill_soon() noexcept {
    return std::ranges::any_of(watches_.all(), [&](const Watch& watch) {
        if (!watch.used || !watch.armed || !watch.above || watch.stuck)
            return false;
        const Rule& rule = rule_of(watch);
        return rule.action == Action::Kill && (!memory_ || amounts_are_near(rule.when, *memory_));
    });
}

/// Who has done nothing for a while is known only to who looked a while ago. That may have been
/// under the pressure before this, since at rest nobody looks.
void Guard::look_who_works(TimePoint now) noexcept {
    if (may_kill_soon()) {
        next_activity_ = now + look_again;
        return;
    }
    const std::span<const Row> rows = table_.rows();
    activity_left_ =
        std::min(rows.size(), activity_left_ == 0 ? looked_at_in_turn : activity_left_);
    const std::size_t count = std::min(activity_left_, looked_at_once);
    for (std::size_t i = 0; i < count; ++i) {
        activity_turn_ = activity_turn_ < rows.size() ? activity_turn_ : 0;
        const std::size_t slot = activity_turn_++;
        if (rows[slot].id != CgroupId{})
            measure_activity(rows[slot], activities_[slot], now);
    }
    activity_left_ -= count;
    if (activity_left_ > 0) {
        next_activity_ = now + look_on;
        return;
    }
    Microseconds step = Microseconds::max();
    for (const Watch& watch : watches_.all())
        if (wants_idle(watch))
            step = std::min(step, idle_step(rule_of(watch).cooling));
    next_activity_ = step == Microseconds::max() ? TimePoint::max() : now + step;
}

} // namespace reapd
