// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/decide.hpp"
#include "decide/pace.hpp"
#include "guard.hpp"

#include <algorithm>

/// One tick of the guard: sense, decide, act.

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// Growth needs two samples of the candidates this far apart.
constexpr std::chrono::milliseconds apart{50};

/// So often the candidates of an armed watch are measured again while it waits for its limit: the
/// growth at the decision is then that of about the last second.
constexpr std::chrono::seconds refresh{1};

/// Watches without a trigger are looked at so often.
constexpr std::chrono::milliseconds slow_poll_least{500};
constexpr std::chrono::seconds slow_poll_most{5};

/// Who has taken the memory may stand still at the moment when there is none left: only after so
/// long is it believed that nobody grows, and size decides. But where swap is full, or there is
/// none, the kernel would kill in less.
constexpr std::chrono::seconds settling{1};

bool is_time_left(const std::optional<MemInfo>& memory) noexcept {
    return memory && memory->swap_free > Bytes{memory->swap_total.value / 10};
}

bool growth_is_hidden(const Rule& rule, std::span<const Candidate> ranked) noexcept {
    return !ranked.empty() && !rule.victim.order.empty() &&
           rule.victim.order.front() == Order::Growth && ranked.front().growth.value_or(0) <= 0;
}

TimePoint clock_now() noexcept { return std::chrono::steady_clock::now(); }

/// Pressure around a limit is not to fill the queue of events, nor anybody's terminal.
constexpr std::chrono::seconds crossing_rest{1};

} // namespace

void Guard::tick(TimePoint now) noexcept {
    if (kill_.active() && now >= kill_.next_step())
        go_on_with_kill(now);
    if (now >= freeze_.next_step())
        go_on_with_freeze(now);
    if (now >= next_sample_)
        sample(now);
    for (Watch& watch : watches_.all()) {
        if (owes_crossing(watch))
            tell_crossing(watch, false, now);
        if (watch.used && watch.polled && !watch.armed && now >= watch.next_poll)
            poll_slowly(watch, now);
    }
    if (!kill_.active() && !freeze_.stopping())
        consider(now);
    go_on_cooling(now);
    if (!kill_.active() && !freeze_.stopping())
        cool(now);
    if (!kill_.active() && now >= next_activity_)
        look_who_works(now);
    feed_watchdog(now);
}

/// Reads pressure of every armed watch and the machine's memory once.
void Guard::sample(TimePoint now) noexcept {
    next_sample_ = TimePoint::max();
    const Result<MemInfo> memory = read_meminfo(machine_);
    memory_ = memory ? std::optional{*memory} : std::nullopt;
    for (Watch& watch : watches_.all()) {
        if (!watch.used || !watch.armed)
            continue;
        const Rule& rule = rule_of(watch);
        bool over = false;
        bool known = true;
        look_at_cgroup(watch, rule.when, now);
        if (!amounts_only(rule.when)) {
            const std::optional<Pressure> pressure = pressure_of(watch);
            if (pressure)
                add_reading(watch, now, *pressure);
            known = pressure.has_value();
            over = is_quiet(watch, rule.when, now);
        } else {
            over = conditions_met(rule.when, measured_of(watch, rule.when, memory_)) != Met::Yes;
        }
        if (!over)
            watch.restless_at = now;
        const bool forgotten =
            now - watch.restless_at >= forgiving_span(watch.escalation, watch.stuck);
        const bool judged = (!kill_.active() || !kill_.is_for(watch)) &&
                            (!freeze_.active() || !freeze_.is_for(watch));
        if (!known || (over && forgotten && judged)) {
            disarm(watch, now);
            if (amounts_only(rule.when))
                watch.next_poll = now;
            continue;
        }
        if (!kill_.active() && !cools(rule.action) && now - watch.sampled_at >= refresh) {
            pool_.sample(table_, watch, rule, memory_, now);
            watch.sampled_at = now;
        }
        const Microseconds step =
            sampling_step(shortest_window(rule.when), package_->policy.config.sample_interval);
        next_sample_ = std::min(next_sample_, now + step);
        const bool above = is_above(rule.when, measured_of(watch, rule.when, memory_));
        if (above != watch.above && now - watch.crossed_at >= crossing_rest)
            tell_crossing(watch, above, now);
    }
    show_standing();
    if (!kill_.active() && next_sample_ == TimePoint::max())
        memory_.reset();
}

/// A watch that nothing wakes: no trigger stands on it, or its rule has amounts only.
void Guard::poll_slowly(Watch& watch, TimePoint now) noexcept {
    const When& when = rule_of(watch).when;
    if (cools_always(rule_of(watch))) {
        if (!kill_.active() && !freeze_.stopping())
            cool(watch, now);
        watch.next_poll = now + rule_of(watch).cooling.interval;
        return;
    }
    if (amounts_only(when)) {
        const Result<MemInfo> memory = read_meminfo(machine_);
        watch.next_poll = now + slow_poll_most;
        if (!memory)
            return;
        look_at_cgroup(watch, when, now);
        const Measured measured = measured_of(watch, when, *memory);
        watch.next_poll = now + amounts_sleep(when, measured);
        if (conditions_met(when, measured) == Met::Yes)
            arm(watch, now);
        return;
    }
    const Microseconds pause = std::clamp(longest_window(when) / 4, Microseconds{slow_poll_least},
                                          Microseconds{slow_poll_most});
    watch.next_poll = now + pause;
    const std::optional<Pressure> pressure = pressure_of(watch);
    if (!pressure)
        return;
    add_reading(watch, now, *pressure);
    const auto high = [&](const StallWindow& window, const std::optional<PressureLimit>& limit) {
        const std::optional<Permyriad> share = window.share_of_last(pause);
        return limit && share && share->value * 2 >= limit->share.value;
    };
    if ((high(watch.some, when.pressure_some) || high(watch.full, when.pressure_full)) &&
        !is_far_away(rule_of(watch)))
        arm(watch, now);
}

/// Rules in their order; the first that acts is the only one until its recovery has ended.
void Guard::consider(TimePoint now) noexcept {
    next_look_ = TimePoint::max();
    if (package_ == nullptr)
        return;
    for (std::uint32_t rule = 0; rule < package_->policy.rules.size(); ++rule)
        for (Watch& watch : watches_.all())
            if (watch.used && watch.armed && watch.rule == rule && !cools(rule_of(watch).action) &&
                consider(watch, now))
                return;
}

/// True when a kill or a freeze began.
bool Guard::consider(Watch& watch, TimePoint now) noexcept {
    const Rule& rule = rule_of(watch);
    const bool only_tells = rule.action == Action::Log || package_->policy.config.dry_run;
    if ((only_tells && (watch.logged || !channel_.events.has_room())) ||
        (watch.stuck && now - watch.judged_at < refresh))
        return false;
    if (rule.action == Action::Freeze && freeze_.active())
        return false; // What was measured was before that one stood still.
    const Met met = conditions_met(rule.when, measured_of(watch, rule.when, memory_));
    if (!lasts(watch, rule.when, met, now) || rests(watch, rule, now))
        return false;
    if (now - watch.sampled_at < apart) {
        next_look_ = std::min(next_look_, watch.sampled_at + apart);
        return false;
    }
    if (watch.sampled_at == TimePoint{}) {
        pool_.sample(table_, watch, rule, memory_, now);
        watch.sampled_at = now;
        next_look_ = std::min(next_look_, now + apart);
        return false;
    }
    const Found found = pool_.sample(table_, watch, rule, memory_, now);
    watch.sampled_at = watch.judged_at = now;
    const Bytes total = memory_ ? memory_->total : Bytes{};
    const std::span<const Candidate> ranked = pool_.ranked(table_, watch, rule, total);
    if (growth_is_hidden(rule, ranked) && is_time_left(memory_) &&
        now - watch.met_since < settling) {
        next_look_ = std::min(next_look_, now + apart);
        return false;
    }

    const TimePoint later = clock_now(); // Measuring took its time.
    event_ = event_for(watch, EventKind::Acted, later);
    fill(event_, watch, ranked);
    event_.candidates = static_cast<std::uint32_t>(found.count);
    if (!still_met(watch, rule, later)) {
        event_.kind = EventKind::Relieved;
        if (!ranked.empty()) {
            event_.victim = ranked.front().id;
            mention(event_);
        }
        return false;
    }

    watch.escalation = again(watch.escalation, rule, total_promise(ranked));
    Escalation escalation = watch.escalation;
    escalation.stuck = escalation.stuck || useless_nearby(watch);
    const Decision decision = decide({.rule = &rule,
                                      .measured = measured_of(watch, rule.when, memory_),
                                      .ranked = ranked,
                                      .found = found,
                                      .escalation = escalation,
                                      .recovering = kill_.active(),
                                      .freezing = freeze_.active()});
    if (decision.verdict == Verdict::None)
        return false;
    if (decision.why != StuckReason::None) {
        stuck(watch, event_, decision.why);
        return false;
    }
    return decision.verdict == Verdict::Freeze ? freeze(watch, rule, ranked, event_, later)
                                               : kill(watch, rule, ranked, event_, later);
}

/// MemoryCurrent= and the like are about the watched cgroup, which need not be a candidate.
void Guard::look_at_cgroup(const Watch& watch, const When& when, TimePoint now) noexcept {
    Row& row = table_.at(watch.slot);
    if (!asks_cgroup(when) || (row.usage && row.usage->taken == now))
        return;
    table_.look_closely(watch.slot, now);
    measure(row, now);
    measure_closely(row);
}

/// Whether a kill of the rule, wherever it was, is too recent for the next one.
bool Guard::rests(const Watch& watch, const Rule& rule, TimePoint now) noexcept {
    return rule.cooldown > 0us && std::ranges::any_of(watches_.all(), [&](const Watch& other) {
               return other.name == watch.name && other.acted_at != TimePoint{} &&
                      now - other.acted_at < rule.cooldown;
           });
}

/// Whether kills for the same pressure, seen by another rule or from a cgroup above or below,
/// gave nothing back: then this one is not to walk on where that one stopped. A user, who may have
/// any of his own cgroups watched and stuck, holds up nobody else by that. What freezing did not
/// help a kill may.
bool Guard::useless_nearby(const Watch& watch) noexcept {
    const std::uint32_t owner = table_.at(watch.slot).marks.owner;
    return std::ranges::any_of(watches_.all(), [&](const Watch& other) {
        if (!other.used || !other.escalation.stuck || rule_of(other).action == Action::Freeze)
            return false;
        const std::uint32_t others = table_.at(other.slot).marks.owner;
        return table_.within(watch.slot, other.slot) ||
               (table_.within(other.slot, watch.slot) && (others == 0 || others == owner));
    });
}

/// Pressure and memory once more: the kernel or another killer may have been faster.
bool Guard::still_met(Watch& watch, const Rule& rule, TimePoint now) noexcept {
    if (const std::optional<Pressure> pressure = pressure_of(watch))
        add_reading(watch, now, *pressure);
    if (const Result<MemInfo> memory = read_meminfo(machine_))
        memory_ = *memory;
    return conditions_met(rule.when, measured_of(watch, rule.when, memory_)) == Met::Yes;
}

} // namespace reapd
