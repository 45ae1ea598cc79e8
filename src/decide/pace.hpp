// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// How often the guard looks, and what the kernel is asked to wake it for. A trigger is an alarm
/// clock, not the measurement: it rings early, and the samples taken from then on decide.

#include "base/units.hpp"
#include "sense/trigger.hpp"
#include "settings/rule.hpp"

namespace reapd {

/// Time between two samples of a window while the guard is awake: a decision is at most this
/// late. `at_least` is SampleIntervalSec=.
Microseconds sampling_step(Microseconds window,
                           Microseconds at_least = std::chrono::milliseconds{100}) noexcept;

/// How long a window must have been quiet before the guard sleeps again.
Microseconds quiet_span(Microseconds window) noexcept;

/// The trigger that wakes the guard in time for `limit`: half the rule's share, so that it rings
/// before the rule's window can be full. `smallest_window` is what this kernel takes with
/// privileges; without them windows are multiples of 2 s.
TriggerPlan plan_trigger(const PressureLimit& limit, StallKind kind, Microseconds smallest_window,
                         bool privileged) noexcept;

/// How long a rule that has amounts alone may sleep when `headroom` is left above its limit:
/// no faster than this can memory (or, slower, swap) be filled.
Microseconds amount_sleep(Bytes headroom, bool swap) noexcept;

} // namespace reapd
