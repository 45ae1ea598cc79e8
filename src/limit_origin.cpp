// SPDX-License-Identifier: LGPL-2.1-or-later
#include "limit_origin.hpp"

#include "decide/rank.hpp"

#include <algorithm>

namespace reapd {
namespace {

/// The kernel lets a task above memory.high sleep for up to 2 s at a time, in which it counts
/// nothing; so a little more than the window is looked back on.
constexpr std::chrono::seconds patience{5};

/// A rule that wants the machine to be short means everybody, as does one on the root.
bool asks_whose_limit(const Rule& rule, const Row& watched) noexcept {
    const std::optional<AmountLimit>& available = rule.when.memory_available;
    const bool machine_is_short = available && available->side == AmountLimit::Side::Below;
    return watched.parent != no_slot && !amounts_only(rule.when) && !machine_is_short;
}

} // namespace

Row& LimitOrigin::follow(Table& table, Slot slot, TimePoint now) noexcept {
    bool& wanted = table.look_closely(slot, now).files.wanted;
    if (files_ == Files::Held && !wanted && room_ > 0) {
        wanted = true;
        --room_;
    }
    return table.at(slot);
}

void LimitOrigin::read_upwards(Table& table, Slot from, TimePoint now) noexcept {
    const std::size_t rows = table.rows().size();
    std::size_t steps = 0;
    for (Slot at = from; at < rows && steps < rows; at = table.at(at).parent, ++steps) {
        measure_own_limit(follow(table, at, now), now);
    }
}

void LimitOrigin::read_between(Table& table, Slot candidate, Slot watched, TimePoint now) noexcept {
    const std::size_t rows = table.rows().size();
    Slot at = table.at(candidate).parent;
    for (std::size_t level = 0; level < most_levels && at < rows && at != watched; ++level) {
        measure_own_limit(follow(table, at, now), now);
        at = table.at(at).parent;
    }
}

std::size_t LimitOrigin::keep(Table& table, const Watch& watch, const Rule& rule,
                              std::span<Slot> candidates, TimePoint now) noexcept {
    if (watch.sampled_at == TimePoint{})
        restarted_ = now;
    if (!machine_.memory_controller || !asks_whose_limit(rule, table.at(watch.slot)))
        return candidates.size();

    room_ = table.room_for_files();
    // From above: a limit hit while this is being read is then found below as well.
    read_upwards(table, watch.slot, now);
    measure_limits_within(table.at(watch.slot), now);
    for (const Slot slot :
         candidates.first(largest(candidates, table, rule, watch.rule, most_read))) {
        table.look_closely(slot, now);
        measure_limits_within(table.at(slot), now);
        if (slot != watch.slot)
            read_between(table, slot, watch.slot, now);
    }
    const TimePoint since =
        std::max({watch.armed_at, restarted_, now - longest_window(rule.when) - patience});
    return keep_at_limit(table, watch.slot, since, candidates);
}

} // namespace reapd
