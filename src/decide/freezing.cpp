// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/freezing.hpp"

#include <algorithm>

namespace reapd {

void FreezeCourse::begin(TimePoint now, const BeforeFreeze& before) noexcept {
    *this = FreezeCourse{};
    phase_ = Phase::Stopping;
    before_ = before;
    began_ = now;
}

Microseconds FreezeCourse::fresh_window() const noexcept {
    return std::clamp(before_.window, freezing_limits::shortest_measurement,
                      freezing_limits::longest_measurement);
}

FreezeCourse::Phase FreezeCourse::step(TimePoint now, const FreezeSeen& seen) noexcept {
    if (phase_ != Phase::Stopping && phase_ != Phase::Measuring)
        return phase_;
    if (seen.resident)
        paged_out_ = std::max(paged_out_, before_.resident - *seen.resident);
    out_ = seen.out;
    if (seen.still && !until_still_)
        until_still_ = std::chrono::duration_cast<Microseconds>(now - began_);
    if (phase_ == Phase::Stopping) {
        if (seen.still || now - began_ >= freezing_limits::longest_stop) {
            phase_ = Phase::Measuring;
            measuring_since_ = now;
        }
    } else if (now - measuring_since_ >=
               std::max(2 * fresh_window(), freezing_limits::longest_page_out)) {
        phase_ = Phase::Done; // The watched cgroup may have vanished.
    }
    return phase_;
}

FreezeCourse::Phase FreezeCourse::measured(TimePoint now, std::optional<Permyriad> share) noexcept {
    const bool patient = !out_ && now - measuring_since_ < freezing_limits::longest_page_out;
    if (phase_ != Phase::Measuring || now - measuring_since_ < fresh_window() || patient)
        return phase_;
    share_after_ = share;
    return phase_ = Phase::Done;
}

bool FreezeCourse::useless() const noexcept {
    if (before_.share && share_after_)
        return *share_after_ >= before_.limit && share_after_->value * 2 > before_.share->value;
    return paged_out_ < part_of(before_.resident, freezing_limits::useful);
}

TimePoint ends_at(const FrozenTime& time) noexcept { return time.since + time.freezing.longest; }

FreezeEnd end_of(const FrozenTime& time, TimePoint now, bool refused) noexcept {
    if (now < ends_at(time))
        return FreezeEnd::NotYet;
    return time.freezing.then == FreezeThen::Kill && !refused ? FreezeEnd::Kill : FreezeEnd::Thaw;
}

} // namespace reapd
