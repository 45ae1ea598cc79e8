// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/pace.hpp"

#include "decide/scale.hpp"

#include <algorithm>

namespace reapd {
namespace {

using namespace std::chrono_literals;

// Twenty samples see a window move in steps of 5 %. Above 5 s the step no longer costs anything.
constexpr int samples_per_window = 20;
constexpr Microseconds longest_step = 5s;

// A pause of less than a second between two bursts is not quiet; one of 10 s is, whatever the
// window, for the next trigger wakes the guard in time again.
constexpr Microseconds shortest_quiet = 1s;
constexpr Microseconds longest_quiet = 10s;

// What every kernel takes. Short enough for an alarm, and each trigger's thread in the kernel
// looks ten times a window: shorter ones cost more than they tell.
constexpr Microseconds usual_trigger = 500ms;
constexpr Microseconds shortest_trigger = 100ms;
// PSI_TRIG_MAX_WIN in kernel/sched/psi.c, and the period of its averages, which serve triggers
// without privileges.
constexpr Microseconds longest_trigger = 10s;
constexpr Microseconds unprivileged_trigger = 2s;
constexpr Microseconds least_stall = 1ms;

// Bytes a microsecond, rounded up so that nobody sleeps too long. earlyoom assumes much the same:
// it saw 6000 MiB/s with four writers, and 800 MiB/s into zram.
constexpr std::uint64_t fill_memory = (6ULL << 30) / 1'000'000 + 1;
constexpr std::uint64_t fill_swap = (1ULL << 30) / 1'000'000 + 1;
constexpr std::uint64_t shortest_sleep = 100'000;
constexpr std::uint64_t longest_sleep = 10'000'000;

Microseconds trigger_window(Microseconds rule_window, Microseconds smallest,
                            bool privileged) noexcept {
    if (!privileged)
        return unprivileged_trigger;
    const Microseconds wanted =
        std::max({smallest, std::min(usual_trigger, rule_window / 2), shortest_trigger});
    return std::min(wanted, longest_trigger);
}

} // namespace

Microseconds sampling_step(Microseconds window, Microseconds at_least) noexcept {
    return std::max(std::min(window / samples_per_window, longest_step), at_least);
}

Microseconds quiet_span(Microseconds window) noexcept {
    return std::clamp(window, shortest_quiet, longest_quiet);
}

TriggerPlan plan_trigger(const PressureLimit& limit, StallKind kind, Microseconds smallest_window,
                         bool privileged) noexcept {
    const Microseconds window = trigger_window(limit.window, smallest_window, privileged);
    // A rule's window may be the shorter one; the alarm must ring before that is over.
    const Microseconds watched = std::min(window, limit.window);
    const Microseconds half = watched / 2;
    const Microseconds stall{scale(half.count(), limit.share.value, 10000)};
    return {.kind = kind, .stall = std::clamp(stall, least_stall, window), .window = window};
}

Microseconds amount_sleep(Bytes headroom, bool swap) noexcept {
    const std::uint64_t needed = headroom.value / (swap ? fill_swap : fill_memory);
    return Microseconds{std::clamp(needed, shortest_sleep, longest_sleep)};
}

} // namespace reapd
