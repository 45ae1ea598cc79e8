// SPDX-License-Identifier: LGPL-2.1-or-later
#include "standing.hpp"

#include "settings/glob.hpp"

#include <algorithm>

namespace reapd {
namespace {

bool has(std::span<const Slot> slots, Slot slot) {
    return std::ranges::find(slots, slot) != slots.end();
}

bool holds_protected(const Table& table, Slot slot, RuleMask rule) {
    for (Slot below = 0; below < table.rows().size(); ++below)
        if (const Marks& marks = table.at(below).marks;
            (marks.never || (marks.spared & rule) != 0) && table.within(below, slot))
            return true;
    return false;
}

/// What the cgroups above it, up to the watched one, make of it.
std::optional<Place> from_above(const Chosen& chosen, const Row& row) {
    const RuleMask bit = RuleMask{1} << chosen.index;
    const Table& table = chosen.table;
    const Slot end = table.at(chosen.watched).parent;
    for (Slot at = row.parent; at != no_slot && at != end; at = table.at(at).parent) {
        if (has(chosen.choice.found, at))
            return Place{.standing = Standing::Inside, .instead = at};
        if ((table.at(at).marks.spared & bit) != 0)
            return Place{.standing = Standing::OtherUser};
    }
    return {};
}

/// Whether Among= of the rule means it.
bool is_meant(const Chosen& chosen, Slot slot) {
    const Row& row = chosen.table.at(slot);
    switch (chosen.rule.victim.among) {
    case Among::Self:
        return slot == chosen.watched;
    case Among::Children:
        return row.parent == chosen.watched;
    default:
        return row.one_unit;
    }
}

Standing why_not_found(const Chosen& chosen, const Row& row, Slot slot) {
    const RuleMask bit = RuleMask{1} << chosen.index;
    const Among among = chosen.rule.victim.among;
    if ((row.marks.spared & bit) != 0)
        return Standing::OtherUser;
    if (row.marks.wish == Wish::Omit &&
        wish_counts(row.marks, chosen.table.at(chosen.watched).marks))
        return Standing::Omitted;
    if (is_meant(chosen, slot) && holds_protected(chosen.table, slot, bit))
        return Standing::HoldsProtected;
    if (among == Among::Self || among == Among::Children)
        return Standing::NotAmong;
    return row.children > 0 ? Standing::HasChildren : Standing::NotRanked;
}

} // namespace

Place place_of(const Chosen& chosen, const Subject& subject) {
    const auto& ranked = chosen.choice.ranked;
    const auto place = std::ranges::find(ranked, subject.slot, &Candidate::slot);
    if (place != ranked.end())
        return {.standing = Standing::Candidate,
                .position = static_cast<std::uint32_t>(place - ranked.begin() + 1)};
    const Row& row = chosen.table.at(subject.slot);
    const Victim& victim = chosen.rule.victim;
    if (has(chosen.choice.exempt, subject.slot))
        return {.standing = Standing::Exempt};
    if (has(chosen.choice.found, subject.slot)) {
        const auto& now = subject.measures;
        const bool small = now && now->promise + now->shared < victim.minimum_size;
        return {.standing = small ? Standing::TooSmall : Standing::NotRanked};
    }
    if (row.marks.never && subject.refusal != Immunity::None)
        return {.standing = Standing::Essential};
    if (covers(victim.protect, subject.path))
        return {.standing = Standing::Protected};
    if (const auto above = from_above(chosen, row))
        return *above;
    return {.standing = why_not_found(chosen, row, subject.slot)};
}

} // namespace reapd
