// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard.hpp"

/// The guard while a victim has time to end by itself.

namespace reapd {
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
    const Permyriad stall = main_share(rule.when, measured);
    if (!kill_.grace_is_over(now, {.stall = stall, .left = left_of(memory_)})) {
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
