// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/cooling.hpp"

#include <algorithm>
#include <tuple>

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// A twentieth of what was moved, and of the time.
constexpr std::uint64_t tolerated = 20;

/// Less than this is the noise of any program that wakes up now and then.
constexpr Bytes noise = mib(1);

/// Smaller rounds tell nothing about what they cost.
constexpr Bytes smallest_budget = mib(1);

/// Then whatever was learned of a cgroup is old.
constexpr Microseconds longest_pause = std::chrono::minutes{10};

constexpr Microseconds shortest_observation = 1s;
constexpr Microseconds longest_observation = 10s;

Microseconds longer(Microseconds pause, const Cooling& cooling) noexcept {
    return std::min(pause * 2, std::max(longest_pause, cooling.interval));
}

} // namespace

std::optional<std::size_t> pick_coolable(const Rule& rule, std::span<const Coolable> candidates,
                                         Slot last) noexcept {
    const auto fit = [&](const Coolable& of) {
        return !of.rests && of.idle >= rule.cooling.idle && of.unprotected > Bytes{} &&
               of.unprotected >= rule.victim.minimum_size;
    };
    const auto rank = [&](const Coolable& of) {
        return std::tuple{of.preference, of.slot == last, of.unprotected, ~of.slot};
    };
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (fit(candidates[i]) && (!best || rank(candidates[*best]) < rank(candidates[i])))
            best = i;
    return best;
}

bool has_place(const Rule& rule, const MemInfo& memory) noexcept {
    return !moves_to_swap(rule) ||
           (memory.swap_total > Bytes{} &&
            memory.swap_free >= part_of(memory.swap_total, Permyriad{1000}));
}

Dose first_dose(const Cooling& cooling) noexcept {
    return {.budget = cooling.budget, .pause = cooling.interval};
}

bool takes_back(const RoundCost& cost) noexcept {
    return (cost.back > noise && cost.back.value * tolerated > cost.moved.value) ||
           cost.stalled * tolerated > cost.observed;
}

Dose next_dose(const Dose& before, const Cooling& cooling, const RoundCost& cost) noexcept {
    if (takes_back(cost))
        return {.budget = std::max(Bytes{before.budget.value / 2}, smallest_budget),
                .pause = longer(before.pause, cooling)};
    // Nothing more is there: what there is later is for later.
    if (cost.exhausted && cost.moved <= noise)
        return {.budget = before.budget, .pause = longer(before.pause, cooling)};
    return {.budget = std::min(Bytes{before.budget.value * 2}, cooling.budget),
            .pause = std::max(before.pause / 2, cooling.interval)};
}

Microseconds observation(const Cooling& cooling) noexcept {
    return std::clamp(cooling.interval, shortest_observation, longest_observation);
}

bool cools_always(const Rule& rule) noexcept {
    return cools(rule.action) && amounts_only(rule.when) && !asks_amounts(rule.when);
}

bool asks_who_is_idle(const Rule& rule) noexcept {
    return cools(rule.action) && rule.cooling.idle > 0us;
}

Microseconds idle_step(const Cooling& cooling) noexcept {
    return std::clamp<Microseconds>(cooling.idle / 2, 1s, 10min);
}

} // namespace reapd
