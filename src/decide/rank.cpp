// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/rank.hpp"

#include "decide/scale.hpp"

#include <algorithm>

namespace reapd {
namespace {

// The kernel counts per CPU and adds up in batches; over less than this that is most of a rate.
constexpr Microseconds shortest_growth = std::chrono::milliseconds{20};
// Over less than half a second a burst of this much is what any program does now and then.
constexpr Microseconds longest_burst = std::chrono::milliseconds{500};
constexpr std::int64_t burst = 4 << 20;
// What grows slower takes more than a minute and a half to fill the machine: noise and ordinary
// work, which must not outrank size.
constexpr Permyriad significant{100};

Bytes promise_of(const Usage& usage) noexcept {
    return usage.anon.value_or(usage.current) + usage.swap;
}

std::optional<std::int64_t> growth_between(const Usage& earlier, const Usage& later) noexcept {
    const auto apart = std::chrono::duration_cast<Microseconds>(later.taken - earlier.taken);
    if (!earlier.anon || !later.anon || apart < shortest_growth)
        return std::nullopt;
    const auto before = static_cast<std::int64_t>(promise_of(earlier).value);
    const auto now = static_cast<std::int64_t>(promise_of(later).value);
    if (apart < longest_burst && now - before > 0 && now - before < burst)
        return 0;
    return scale(now - before, 1'000'000, apart.count());
}

class DiesBefore {
public:
    DiesBefore(std::span<const Order> order, Bytes machine_total) noexcept
        : order_{order}, threshold_{part_of(machine_total, significant).value} {}

    bool operator()(const Candidate& a, const Candidate& b) const noexcept {
        for (const Order by : order_) {
            const std::uint64_t of_a = value(by, a);
            const std::uint64_t of_b = value(by, b);
            if (of_a != of_b)
                return of_a > of_b;
        }
        return a.id < b.id;
    }

private:
    std::uint64_t value(Order by, const Candidate& candidate) const noexcept {
        switch (by) {
        case Order::Growth: {
            const std::int64_t growth = candidate.growth.value_or(0);
            const auto rate = growth > 0 ? static_cast<std::uint64_t>(growth) : 0;
            return rate >= threshold_ ? rate : 0;
        }
        case Order::Size:
            return candidate.promise.value;
        case Order::Swap:
            return candidate.swap.value;
        }
        return 0;
    }

    std::span<const Order> order_;
    std::uint64_t threshold_;
};

Bytes footprint(const Row& row) noexcept {
    return row.usage ? row.usage->current + row.usage->swap : Bytes{};
}

} // namespace

Candidate candidate_of(const Row& row, Slot slot, RuleIndex rule) noexcept {
    Candidate candidate{.slot = slot,
                        .id = row.id,
                        .processes = (row.marks.processes & (RuleMask{1} << rule)) != 0};
    if (!row.usage)
        return candidate;
    candidate.current = row.usage->current;
    candidate.swap = row.usage->swap;
    candidate.promise = promise_of(*row.usage);
    if (row.earlier)
        candidate.growth = growth_between(*row.earlier, *row.usage);
    return candidate;
}

std::size_t rank(const Rule& rule, Bytes machine_total, std::span<Candidate> candidates) noexcept {
    const auto too_small = std::ranges::partition(candidates, [&](const Candidate& candidate) {
        return candidate.promise >= rule.victim.minimum_size;
    });
    const std::span remaining = candidates.first(candidates.size() - too_small.size());
    std::ranges::sort(remaining, DiesBefore{rule.victim.order, machine_total});
    if (rule.victim.among == Among::Processes) {
        for (Candidate& candidate : remaining)
            candidate.processes = true;
    }
    return remaining.size();
}

std::size_t largest(std::span<Slot> slots, const Table& table, std::size_t keep) noexcept {
    if (keep >= slots.size())
        return slots.size();
    const auto larger = [&](Slot a, Slot b) {
        const Bytes of_a = footprint(table.at(a));
        const Bytes of_b = footprint(table.at(b));
        return of_a != of_b ? of_a > of_b : table.at(a).id < table.at(b).id;
    };
    std::ranges::nth_element(slots, slots.begin() + static_cast<std::ptrdiff_t>(keep), larger);
    return keep;
}

} // namespace reapd
