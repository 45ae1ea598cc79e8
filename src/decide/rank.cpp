// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/rank.hpp"

#include "decide/scale.hpp"

#include <algorithm>
#include <utility>

namespace reapd {
namespace {

// The kernel counts per CPU and adds up in batches; over less than this that is most of a rate.
constexpr Microseconds shortest_growth = std::chrono::milliseconds{20};
// Over less than half a second a burst of this much is what any program does now and then.
constexpr Microseconds longest_burst = std::chrono::milliseconds{500};
constexpr std::int64_t burst = 4 << 20;
// What grows slower takes more than a minute and a half to fill the machine: noise and ordinary
// work, which must not outrank size. But on a large machine a leak need not be that fast, and 32
// MiB each second are no noise anywhere.
constexpr Permyriad significant{100};
constexpr Bytes surely_significant = mib(32);

/// All that is known of one moment.
struct Look {
    const Usage& usage;
    const UsageDetails& details;
};

Bytes promise_of(const Look& look) noexcept {
    return look.details.anon.value_or(look.usage.current) + look.usage.swap;
}

/// Shared memory too: it may not come back with a kill, but who takes it takes the machine.
Bytes held_in(const Look& look) noexcept { return promise_of(look) + look.details.shared; }

Microseconds between(const Look& earlier, const Look& later) noexcept {
    return std::chrono::duration_cast<Microseconds>(later.usage.taken - earlier.usage.taken);
}

std::optional<std::int64_t> growth_between(const Look& earlier, const Look& later) noexcept {
    const Microseconds apart = between(earlier, later);
    if (!earlier.details.anon || !later.details.anon || apart < shortest_growth)
        return std::nullopt;
    const auto before = static_cast<std::int64_t>(held_in(earlier).value);
    const auto now = static_cast<std::int64_t>(held_in(later).value);
    if (apart < longest_burst && now - before > 0 && now - before < burst)
        return 0;
    return scale(now - before, 1'000'000, apart.count());
}

Bytes gained_since(const Past::Mark& past, const Look& now) noexcept {
    const bool known = past.taken != TimePoint{} && now.details.anon;
    return known ? held_in(now) - past.held : Bytes{};
}

/// How much a counter rose a second.
std::optional<std::uint64_t> rate(const std::optional<std::uint64_t>& before,
                                  const std::optional<std::uint64_t>& now,
                                  Microseconds apart) noexcept {
    if (!before || !now || *now < *before || apart < shortest_growth)
        return std::nullopt;
    const std::uint64_t risen = *now - *before;
    return static_cast<std::uint64_t>(
        scale(static_cast<std::int64_t>(risen), 1'000'000, apart.count()));
}

std::optional<Permyriad> stall_between(const UsageDetails& earlier, const UsageDetails& later,
                                       Microseconds apart) noexcept {
    // Whose owner switches PSI off and on again is measured there now and here then.
    if (!earlier.stalled || !later.stalled || earlier.stalled_in != later.stalled_in ||
        apart < shortest_growth)
        return std::nullopt;
    const Microseconds risen = std::max(*later.stalled - *earlier.stalled, Microseconds{});
    const std::int64_t share = scale(risen.count(), 10000, apart.count());
    return Permyriad{static_cast<std::uint32_t>(std::min<std::int64_t>(share, 10000))};
}

class DiesBefore {
public:
    DiesBefore(std::span<const Order> order, Bytes machine_total) noexcept
        : order_{order}, growth_counts_{std::ranges::find(order, Order::Growth) != order.end()},
          threshold_{std::min(part_of(machine_total, significant), surely_significant).value} {}

    bool operator()(const Candidate& a, const Candidate& b) const noexcept {
        if (a.preference != b.preference)
            return a.preference > b.preference;
        for (const Order by : order_) {
            const std::uint64_t of_a = value(by, a);
            const std::uint64_t of_b = value(by, b);
            if (of_a != of_b)
                return of_a > of_b;
        }
        return a.id < b.id;
    }

    std::uint64_t first_value(const Candidate& candidate) const noexcept {
        return order_.empty() ? 0 : value(order_.front(), candidate);
    }

private:
    std::uint64_t value(Order by, const Candidate& candidate) const noexcept {
        switch (by) {
        case Order::Growth: {
            // The one that a user cannot do without need not die for a burst.
            const std::int64_t growth = candidate.dear ? 0 : candidate.growth.value_or(0);
            const auto rate = growth > 0 ? static_cast<std::uint64_t>(growth) : 0;
            return rate >= threshold_ ? rate : 0;
        }
        case Order::Size:
            // Where all wait for reclaim, nobody grows any more. Who took the memory is then known
            // from before, or whoever is large and idle would die.
            return candidate.promise.value + (growth_counts_ ? candidate.gained.value : 0);
        case Order::Swap:
            return candidate.swap.value;
        case Order::Pressure:
            return candidate.stall.value_or(Permyriad{}).value;
        case Order::Reclaim:
            return candidate.scan_rate.value_or(0);
        case Order::Refaults:
            return candidate.refault_rate.value_or(0);
        case Order::Oldest:
            return ~candidate.id.value;
        case Order::Newest:
            return candidate.id.value;
        }
        return 0;
    }

    std::span<const Order> order_;
    bool growth_counts_;
    std::uint64_t threshold_;
};

bool has(RuleMask mask, RuleIndex rule) noexcept { return (mask >> rule & 1) != 0; }

int preference(const Marks& marks, RuleIndex rule, bool avoid = false) noexcept {
    return (has(marks.preferred, rule) ? 1 : 0) - (avoid || has(marks.avoided, rule) ? 1 : 0);
}

void respect_own_wishes(std::span<Candidate> ranked, const DiesBefore& dies_before) noexcept {
    const auto size = [](const Candidate& candidate) {
        return (candidate.promise + candidate.shared).value;
    };
    for (Candidate& wishful : ranked) {
        const auto takes_its_place = [&](const Candidate& other) {
            return &other > &wishful && other.owner == wishful.owner &&
                   other.preference == wishful.preference && other.own_wish < wishful.own_wish &&
                   size(other) >= size(wishful) / 2 &&
                   dies_before.first_value(other) >= dies_before.first_value(wishful) / 2;
        };
        if (wishful.own_wish == Wish::None)
            continue;
        if (const auto other = std::ranges::find_if(ranked, takes_its_place); other != ranked.end())
            std::swap(wishful, *other);
    }
}

Bytes footprint(const Row& row) noexcept {
    return row.usage ? row.usage->current + row.usage->swap : Bytes{};
}

} // namespace

Candidate candidate_of(const Row& row, Slot slot, RuleIndex rule, const Marks& watched) noexcept {
    const bool counts = wish_counts(row.marks, watched);
    Candidate candidate{.slot = slot,
                        .id = row.id,
                        .preference =
                            preference(row.marks, rule, counts && row.marks.wish == Wish::Avoid),
                        .own_wish = counts ? Wish::None : row.marks.wish,
                        .owner = row.marks.owner,
                        .dear = row.marks.dear,
                        .processes = has(row.marks.processes, rule)};
    if (!row.usage)
        return candidate;
    const Closeup& close = closeup_of(row);
    const Look later{.usage = *row.usage, .details = close.details};
    candidate.current = later.usage.current;
    candidate.swap = later.usage.swap;
    candidate.promise = promise_of(later);
    candidate.shared = later.details.shared;
    candidate.gained = gained_since(close.past.older, later);
    if (!close.earlier)
        return candidate;
    const Look earlier{.usage = *close.earlier, .details = close.earlier_details};
    const Microseconds apart = between(earlier, later);
    candidate.growth = growth_between(earlier, later);
    candidate.scan_rate = rate(earlier.details.scanned, later.details.scanned, apart);
    candidate.refault_rate = rate(earlier.details.refaults, later.details.refaults, apart);
    candidate.stall = stall_between(earlier.details, later.details, apart);
    return candidate;
}

std::size_t rank(const Rule& rule, Bytes machine_total, std::span<Candidate> candidates) noexcept {
    const auto too_small = std::ranges::partition(candidates, [&](const Candidate& candidate) {
        const Bytes size =
            cools(rule.action) ? candidate.current : candidate.promise + candidate.shared;
        return size >= rule.victim.minimum_size && candidate.swap >= rule.victim.minimum_swap;
    });
    const std::span remaining = candidates.first(candidates.size() - too_small.size());
    const DiesBefore dies_before{rule.victim.order, machine_total};
    std::ranges::sort(remaining, dies_before);
    respect_own_wishes(remaining, dies_before);
    if (rule.victim.among == Among::Processes) {
        for (Candidate& candidate : remaining)
            candidate.processes = true;
    }
    return remaining.size();
}

Bytes total_promise(std::span<const Candidate> candidates) noexcept {
    Bytes sum;
    for (const Candidate& candidate : candidates)
        sum = sum + candidate.promise;
    return sum;
}

std::size_t largest(std::span<Slot> slots, const Table& table, const Rule& rule,
                    RuleIndex rule_index, std::size_t keep) noexcept {
    if (keep >= slots.size())
        return slots.size();
    const auto first = [&](const Row& row) {
        return preference(row.marks, rule_index) > 0 && footprint(row) >= rule.victim.minimum_size;
    };
    const auto larger = [&](Slot a, Slot b) {
        const Row& row_a = table.at(a);
        const Row& row_b = table.at(b);
        if (first(row_a) != first(row_b))
            return first(row_a);
        const Bytes of_a = footprint(row_a);
        const Bytes of_b = footprint(row_b);
        return of_a != of_b ? of_a > of_b : row_a.id < row_b.id;
    };
    std::ranges::nth_element(slots, slots.begin() + static_cast<std::ptrdiff_t>(keep), larger);
    return keep;
}

} // namespace reapd
