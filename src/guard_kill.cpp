// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard.hpp"

#include <algorithm>

/// The guard acts: what was decided is done, or told to be impossible, and followed to its end.

namespace reapd {

bool Guard::kill(Watch& watch, const Rule& rule, std::span<const Candidate> ranked, Event& event,
                 TimePoint now) noexcept {
    event.logged_only = rule.action == Action::Log;
    event.dry_run = package_->policy.config.dry_run && !event.logged_only;
    const bool only_tells = event.logged_only || event.dry_run;
    if (!only_tells && !executioner_.idle()) {
        stuck(watch, event, StuckReason::Failed);
        return false;
    }
    const StuckReason nobody = kill_.choose(ranked, table_, event);
    if (nobody != StuckReason::None) {
        stuck(watch, event, nobody);
        return false;
    }
    event.action = ++actions_;
    if (only_tells) {
        executioner_.finish();
        watch.logged = true;
        post(event);
        return false;
    }
    // Now, since the watch may be gone before the kill has ended. A user's own small matters put
    // off nothing of anybody else's.
    const bool of_user = asked_by_user(watch);
    for (Watch& each : watches_.all())
        each.concerned = !of_user || table_.within(each.slot, watch.slot);
    cool_.cancel();
    watch.left = total_promise(ranked) - event.promise;
    if (rule.grace > Microseconds{})
        kill_.ask(table_, rule, watch, now, event);
    else
        kill_.execute(table_, rule, watch, now, event);
    watch.acted_at = now;
    note_killed(event);
    post(event);
    return true;
}

void Guard::stuck(Watch& watch, Event& event, StuckReason reason) noexcept {
    if (!std::exchange(watch.stuck, true))
        moved_ = true;
    if (watch.told_stuck || !channel_.events.has_room())
        return; // It is judged again soon.
    watch.told_stuck = true;
    event.kind = EventKind::Stuck;
    event.means = rule_of(watch).action;
    event.stuck = reason;
    post(event);
}

/// A kill is to find room in the queue, however many cgroups cross their limits before it; what is
/// not told now is at the next sample, or tick when it is not sampled any more.
void Guard::tell_crossing(Watch& watch, bool above, TimePoint now) noexcept {
    if (!channel_.events.has_room())
        return;
    watch.above = above;
    watch.crossed_at = now;
    Event event = event_for(watch, EventKind::Crossed, now);
    event.above = above;
    const When& when = rule_of(watch).when;
    event.pressure = main_share(when, measured_of(watch, when, memory_)).value;
    post(event);
}

Event Guard::event_for(const Watch& watch, EventKind kind, TimePoint now) const noexcept {
    Event event{.kind = kind,
                .at = now,
                .generation = package_->policy.generation,
                .rule = watch.rule,
                .watched = watch.cgroup};
    event.since_armed = std::chrono::duration_cast<Microseconds>(now - watch.armed_at);
    return event;
}

void Guard::fill(Event& event, const Watch& watch,
                 std::span<const Candidate> ranked) const noexcept {
    const When& when = rule_of(watch).when;
    const Measured measured = measured_of(watch, when, memory_);
    event.pressure_full = when.pressure_full.has_value();
    event.pressure = main_share(when, measured).value;
    if (when.pressure_full)
        event.window = when.pressure_full->window;
    else if (when.pressure_some)
        event.window = when.pressure_some->window;
    event.memory = memory_;
    if (when.memory_current)
        event.current = measured.current;
    if (when.memory_growth)
        event.growth = measured.growth;
    if (when.refaults)
        event.refaults = measured.refaults;
    event.ranking_used = static_cast<std::uint32_t>(std::min(ranked.size(), ranked_shown));
    for (std::size_t i = 0; i < event.ranking_used; ++i)
        event.ranking[i] = ranked_of(ranked[i]);
}

Ranked Guard::ranked_of(const Candidate& candidate) noexcept {
    return {.cgroup = candidate.id,
            .current = candidate.current,
            .promise = candidate.promise,
            .growth = candidate.growth.value_or(0),
            .growth_known = candidate.growth.has_value(),
            .gained = candidate.gained,
            .swap = candidate.swap,
            .scan_rate = candidate.scan_rate,
            .refault_rate = candidate.refault_rate,
            .stall = candidate.stall,
            .preference = static_cast<std::int8_t>(candidate.preference)};
}

void Guard::go_on_with_kill(TimePoint now) noexcept {
    std::optional<Pressure> pressure;
    Watch* watch = nullptr;
    for (Watch& each : watches_.all())
        if (kill_.is_for(each)) {
            watch = &each;
            pressure = pressure_of(each);
        }
    if (kill_.asking()) {
        go_on_asking(watch, now);
        return;
    }
    if (watch != nullptr) {
        if (pressure)
            add_reading(*watch, now, *pressure);
        const When& when = rule_of(*watch).when;
        executioner_.relieve(is_relieved(*watch, when, measured_of(*watch, when, memory_)));
    }
    const bool ended = kill_.step(now, pressure, event_);
    // Whoever may order kills is not to hold up a rule with those of what is nothing to it.
    const auto concerned = [&](const Watch& each) {
        return each.used && each.concerned &&
               (!kill_.ordered() || kill_.released() >= rule_of(each).victim.minimum_size);
    };
    if (kill_.memory_just_back())
        for (Watch& each : watches_.all()) {
            if (!each.armed || !concerned(each))
                continue;
            if (const std::optional<Pressure> now_there = pressure_of(each))
                restart_calm(each, now, *now_there);
        }
    if (!ended)
        return;
    if (watch != nullptr)
        watch->escalation = after(watch->escalation, rule_of(*watch), event_.useless,
                                  {.released = event_.released, .left = watch->left});
    post(event_);
    for (Watch& each : watches_.all())
        // What was measured before the kill says nothing of growth, or of what holds now.
        if (concerned(each))
            each.sampled_at = each.met_since = TimePoint{};
}

} // namespace reapd
