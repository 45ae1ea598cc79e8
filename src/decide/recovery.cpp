// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/recovery.hpp"

#include <algorithm>

namespace reapd {
namespace {

Microseconds between(TimePoint earlier, TimePoint later) noexcept {
    return std::chrono::duration_cast<Microseconds>(later - earlier);
}

} // namespace

void Recovery::begin(TimePoint now, const BeforeKill& before) noexcept {
    *this = Recovery{};
    phase_ = Phase::Releasing;
    before_ = before;
    began_ = now;
}

Microseconds Recovery::fresh_window() const noexcept {
    return std::clamp(before_.window, recovery_limits::shortest_measurement,
                      recovery_limits::longest_measurement);
}

Recovery::Phase Recovery::step(TimePoint now, const Remaining& remaining) noexcept {
    if (!running())
        return phase_;
    note_memory(now, remaining);
    if (phase_ == Phase::Releasing) {
        if (until_released_ || remaining.gone || !remaining.populated ||
            now - began_ >= recovery_limits::longest_release) {
            phase_ = Phase::Measuring;
            measuring_since_ = now;
        }
    } else if (now - measuring_since_ >= 2 * fresh_window()) {
        // The watched cgroup may have vanished too; a recovery that never ended would leave the
        // machine without anyone who acts.
        phase_ = Phase::Done;
    }
    return phase_;
}

Recovery::Phase Recovery::measured(TimePoint now, std::optional<Permyriad> share) noexcept {
    if (phase_ == Phase::Measuring && now >= fresh_at()) {
        share_after_ = share;
        phase_ = Phase::Done;
    }
    return phase_;
}

void Recovery::note_memory(TimePoint now, const Remaining& remaining) noexcept {
    // A cgroup is removed only when nothing lives in it, and then its memory is back.
    const std::optional<Bytes> left = remaining.gone ? Bytes{} : remaining.memory;
    if (!left)
        return;
    const Bytes released = before_.promise - *left;
    // The memory of a dead cgroup can linger a moment, so this goes on while measuring; but what
    // a restarted service takes then does not undo the release.
    released_ = phase_ == Phase::Measuring ? std::max(released_, released) : released;
    const Microseconds elapsed = between(began_, now);
    if (!until_half_ && released_ >= part_of(before_.promise, Permyriad{5000}))
        until_half_ = elapsed;
    if (!until_released_ && released_ >= part_of(before_.promise, recovery_limits::enough))
        until_released_ = elapsed;
}

bool Recovery::useless() const noexcept {
    if (released_ < part_of(before_.promise, recovery_limits::useful))
        return true;
    return before_.share && share_after_ && *share_after_ >= before_.limit &&
           share_after_->value * 2 > before_.share->value;
}

} // namespace reapd
