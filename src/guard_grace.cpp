// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard.hpp"

/// The guard while a victim has time to end by itself.

namespace reapd {
namespace {

/// What a spike puts into swap makes all stand still for a moment; so long is no moment.
constexpr std::chrono::seconds standstill{2};

/// Half-way from what the stall was to standing still there is no more time to give.
constexpr bool too_much(Permyriad asked_at, Permyriad now) noexcept {
    return now.value >= (asked_at.value + 10000) / 2;
}

/// Neither when half of the memory and swap that were left is gone. While swap is free, what is
/// available falls to nothing without harm.
bool too_little(const std::optional<MemInfo>& asked_at,
                const std::optional<MemInfo>& now) noexcept {
    const auto left = [](const MemInfo& memory) { return memory.available + memory.swap_free; };
    return asked_at && now && left(*now).value < left(*asked_at).value / 2;
}

} // namespace

void Guard::go_on_asking(Watch* watch, TimePoint now) noexcept {
    if (!kill_.victim_lives()) {
        kill_.stop_asking(now); // From here on it goes as after any kill.
        return;
    }
    if (watch == nullptr) {
        kill_.abandon(event_); // Neither rule nor cgroup is watched any more.
        return;
    }
    const Rule& rule = rule_of(*watch);
    const Measured measured = measured_of(*watch, rule.when, memory_);
    const Permyriad stall =
        (rule.when.pressure_full ? measured.full : measured.some).value_or(Permyriad{});
    kill_.hurry(too_much(kill_.asked_at(), stall), standstill, now);
    if (!kill_.grace_is_over(now) && !too_little(kill_.memory_when_asked(), memory_)) {
        kill_.go_on_asking(now);
        return;
    }
    if (!still_met(*watch, rule, now)) {
        kill_.abandon(event_);
        event_.kind = EventKind::Relieved;
        event_.at = now;
        post(event_);
    } else if (kill_.insist(table_, rule, *watch, now, event_)) {
        post(event_);
    }
}

} // namespace reapd
