// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/frozen.hpp"
#include "guard.hpp"

#include <span>

/// The guard freezes: who was chosen as for a kill is stopped instead, and let go or killed when
/// its time is over.

namespace reapd {
namespace {

/// A kill is under way, of somebody else; this one can wait for it.
constexpr std::chrono::milliseconds kill_again_after{100};

/// A round of hints or reclaim ends when it is told to, and thaws whom it held.
constexpr std::chrono::milliseconds freeze_again_after{20};

/// Somebody who is frozen already, by whomever, cannot be frozen once more.
bool moves(const Row& row) noexcept {
    const Result<FrozenState> state = read_frozen(row.dir);
    return state && !state->asked;
}

} // namespace

bool Guard::freeze(Watch& watch, const Rule& rule, std::span<const Candidate> ranked, Event& event,
                   TimePoint now) noexcept {
    event.means = Action::Freeze;
    event.dry_run = package_->policy.config.dry_run;
    cool_.cancel();
    if (cool_.working()) {
        next_look_ = std::min(next_look_, now + freeze_again_after);
        return false;
    }
    if (!event.dry_run && (!executioner_.idle() || !freezer_.idle())) {
        stuck(watch, event, StuckReason::Failed);
        return false;
    }
    const auto may_stop = [&](const Row& row) {
        return !freeze_.had_its_turn(row.id, now) && moves(row);
    };
    const StuckReason nobody = kill_.choose(ranked, table_, event, may_stop);
    event.kill = executioner_.result();
    executioner_.finish(); // Who is to be frozen needs no pidfds.
    if (nobody != StuckReason::None) {
        stuck(watch, event, nobody);
        return false;
    }
    event.action = ++actions_;
    if (event.dry_run) {
        event.then = rule.freezing.then;
        event.frozen_for = rule.freezing.longest;
        watch.logged = true;
        post(event);
        return false;
    }
    if (!freeze_.begin(table_, kill_.chosen(), rule, watch, now, event)) {
        stuck(watch, event, StuckReason::Failed);
        return false;
    }
    watch.acted_at = now;
    post(event);
    return true;
}

void Guard::go_on_with_freeze(TimePoint now) noexcept {
    if (freeze_.active()) {
        Watch* watch = nullptr;
        std::optional<Pressure> pressure;
        for (Watch& each : watches_.all())
            if (freeze_.is_for(each)) {
                watch = &each;
                pressure = pressure_of(each);
            }
        const bool ended = freeze_.step(table_, now, pressure, event_);
        if (freeze_.has_just_stopped())
            count_stall_anew(now);
        if (ended) {
            if (watch != nullptr)
                watch->escalation = after(watch->escalation, rule_of(*watch), event_.useless);
            post(event_);
        }
    }
    if (freeze_.is_held_up(now, event_))
        post(event_);
    if (Frozen* const over = freeze_.due(now))
        end_frozen(*over, now);
}

/// The stall so far was the doing of who stands still now. Rules that kill are to see what is left
/// of it without him, unless that has been so too often.
void Guard::count_stall_anew(TimePoint now) noexcept {
    const bool excuses = freeze_.excuses(now);
    for (Watch& each : watches_.all()) {
        if (!excuses && each.used && rule_of(each).action == Action::Kill)
            continue;
        const std::optional<Pressure> pressure =
            each.used && each.armed ? pressure_of(each) : std::nullopt;
        if (pressure)
            restart_calm(each, now, *pressure);
        each.sampled_at = each.met_since = TimePoint{};
    }
}

/// The front thaws, since that may wait; it is asked again until it says that it did.
void Guard::end_frozen(Frozen& frozen, TimePoint now) noexcept {
    event_ = {.kind = EventKind::FreezeOver,
              .at = now,
              .generation = frozen.generation,
              .rule = frozen.rule,
              .watched = frozen.watched,
              .victim = frozen.cgroup,
              .frozen_for = std::chrono::duration_cast<Microseconds>(now - frozen.time.since)};
    if (end_of(frozen.time, now, frozen.refused) == FreezeEnd::Kill) {
        if (kill_.active() || !executioner_.idle()) {
            frozen.next_attempt = now + kill_again_after;
            return;
        }
        if (kill_frozen(frozen, now))
            return;
        frozen.refused = true;
    }
    event_.action = ++actions_;
    post(event_);
}

/// False when it cannot be killed, or may not be any more; then nothing was done. Who was thawed by
/// others meanwhile has not stood still all the time.
bool Guard::kill_frozen(Frozen& frozen, TimePoint now) noexcept {
    const Slot slot = frozen.slot;
    if (table_.at(slot).id != frozen.cgroup || package_->policy.config.dry_run)
        return false;
    const Row& row = table_.at(slot);
    const Result<FrozenState> state = read_frozen(row.dir);
    const bool stands = state && state->asked && state->mark == Stay::WhileWatched;
    const bool is_spared = frozen.generation == package_->policy.generation &&
                           (row.marks.spared >> frozen.rule & 1) != 0;
    if (!stands || is_spared || row.marks.never || row.marks.dear)
        return false;
    Event event = event_;
    event.kind = EventKind::Acted;
    event.was_frozen = true;
    const Candidate victim = sole_candidate(slot, event, now);
    if (kill_.choose(std::span{&victim, 1}, table_, event) != StuckReason::None)
        return false;
    event.action = ++actions_;
    for (Watch& each : watches_.all())
        each.concerned = table_.within(slot, each.slot);
    cool_.cancel();
    const Watch nobody{.slot = slot};
    kill_.execute(table_, order_rule_, nobody, now, event);
    note_killed(event);
    post(event);
    return true;
}

/// Who is dead, or asked to end, is frozen for no rule any more: the front thaws what is left.
void Guard::note_killed(const Event& event) noexcept {
    if (event.victim_pid == 0)
        freeze_.forget_within(table_, kill_.chosen());
}

} // namespace reapd
