// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cool_run.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// A round that takes longer is of a disk that cannot keep up: what it has done is done.
constexpr std::chrono::seconds longest_round{10};

/// Pressure that comes and goes is one episode.
constexpr std::chrono::seconds linger{30};

void add(CooledSum& sum, const CoolingResult& round) noexcept {
    ++sum.rounds;
    sum.moved = sum.moved + round.moved;
    sum.marked = sum.marked + round.marked;
    sum.processes = std::max(sum.processes, round.processes);
    sum.gone += round.gone;
    sum.refused = std::max(sum.refused, round.refused);
    sum.skipped = std::max(sum.skipped, round.skipped);
    sum.error = sum.error == 0 ? round.error : sum.error;
}

template <class T>
std::optional<T> least(const std::optional<T>& known, const std::optional<T>& now) noexcept {
    return known && now ? std::min(known, now) : known ? known : now;
}

} // namespace

CoolRun::Cooled& CoolRun::place_for(CgroupId id) noexcept {
    const auto known = std::ranges::find(cooled_, id, &Cooled::id);
    return known != cooled_.end() ? *known
                                  : *std::ranges::min_element(cooled_, {}, &Cooled::rests_until);
}

bool CoolRun::begin(const Rule& rule, const Watch& watch, const Row& row, const ToCool& whom,
                    TimePoint now, Event& event) noexcept {
    const Candidate& before = whom.before;
    Cooled& known = place_for(row.id);
    if (known.id != row.id)
        known = {.id = row.id, .dose = first_dose(rule.cooling)};
    known.usual_refaults = least(known.usual_refaults, before.refault_rate);
    known.usual_stall = least(known.usual_stall, before.stall);
    known.dose.budget = std::min(known.dose.budget, rule.cooling.budget);
    known.dose.pause = std::max(known.dose.pause, rule.cooling.interval);
    dir_ = Fd{::fcntl(row.dir, F_DUPFD_CLOEXEC, 0)};
    cost_before_ = read_cost(row.dir);
    const CoolingOrder order{.means = rule.action == Action::Reclaim ? CoolingMeans::Reclaim
                                                                     : CoolingMeans::Hint,
                             .advice = rule.cooling.advice,
                             .swappiness = rule.cooling.swappiness,
                             .budget = std::min(known.dose.budget, whom.unprotected),
                             .freeze = rule.cooling.freeze,
                             .until = now + longest_round};
    if (!dir_ || !cooler_.begin(row.dir, order))
        return false;
    if (!continues(watch, row.id)) {
        event.victim = row.id;
        event.promise = order.budget;
        event.means = rule.action;
        event_ = event;
    }
    phase_ = Phase::Working;
    overdue_.begin(now);
    open_ = true;
    slot_ = before.slot;
    known_ = &known;
    rule_name_ = watch.name;
    cooling_ = rule.cooling;
    began_ = now;
    return true;
}

TimePoint CoolRun::next_step() const noexcept {
    if (phase_ == Phase::Working)
        return overdue_.due();
    if (phase_ == Phase::Observing)
        return observed_until_;
    return open_ && phase_ == Phase::Idle ? open_until_ : TimePoint::max();
}

void CoolRun::step(TimePoint now, const Rule* rule) noexcept {
    if (rule != nullptr)
        cooling_ = rule->cooling;
    if (phase_ == Phase::Working)
        take_result(now);
    if (phase_ == Phase::Observing && now >= observed_until_)
        judge(now, cooling_);
}

void CoolRun::take_result(TimePoint now) noexcept {
    const std::optional<CoolingResult> result = cooler_.take();
    if (!result)
        return;
    round_ = *result;
    add(event_.cooled, round_);
    overdue_.end();
    phase_ = Phase::Observing;
    observed_until_ = now + observation(cooling_);
}

/// What came back, and the time that it stood, beyond what it did before.
void CoolRun::judge(TimePoint now, const Cooling& cooling) noexcept {
    Cooled& known = *known_;
    const auto observed = std::chrono::duration_cast<Microseconds>(now - began_);
    RoundCost cost{.moved = round_.moved, .observed = observed, .exhausted = round_.exhausted};
    if (const std::optional<Cost> after = read_cost(dir_.get()); after && cost_before_) {
        const auto seconds = static_cast<std::uint64_t>(observed / 1s);
        const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
        const std::uint64_t grown = after->refaults - cost_before_->refaults;
        const std::uint64_t usual = known.usual_refaults.value_or(0) * seconds;
        cost.back = Bytes{(grown > usual ? grown - usual : 0) * page};
        const Microseconds stood = after->stalled - cost_before_->stalled;
        const Permyriad usual_stall = known.usual_stall.value_or(Permyriad{});
        cost.stalled = std::max(stood - observed * usual_stall.value / 10000, Microseconds{});
    }
    event_.cooled.back = event_.cooled.back + cost.back;
    event_.cooled.stalled += cost.stalled;
    known.dose = next_dose(known.dose, cooling, cost);
    known.rests_until = began_ + known.dose.pause;
    phase_ = Phase::Idle;
    open_until_ = now + std::max<std::chrono::microseconds>(linger, cooling.interval * 2);
    dir_ = Fd{};
}

bool CoolRun::is_held_up(TimePoint now, Event& event) noexcept {
    if (!overdue_.happens(now))
        return false;
    event = event_;
    event.kind = EventKind::HeldUp;
    event.at = now;
    return true;
}

void CoolRun::finish(TimePoint now, Event& event) noexcept {
    if (phase_ == Phase::Observing)
        judge(now, cooling_);
    event = event_;
    event.kind = EventKind::Completed;
    event.at = now;
    event.released = event_.cooled.moved;
    open_ = false;
}

} // namespace reapd
