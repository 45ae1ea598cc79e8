// SPDX-License-Identifier: LGPL-2.1-or-later
#include "candidate_pool.hpp"

#include "process_sum.hpp"

#include <algorithm>

namespace reapd {
namespace {

/// Two samples closer than this tell noise, not growth; the newer one is then not taken.
constexpr std::chrono::milliseconds too_soon{20};

bool fresh(const Row& row, TimePoint now) noexcept {
    return row.usage && now - row.usage->taken < too_soon;
}

Swapped swapped_of(const std::optional<MemInfo>& memory) noexcept {
    return memory && memory->swap_free == memory->swap_total ? Swapped::None : Swapped::Some;
}

} // namespace

void CandidatePool::read_units(Table& table, Extent extent) noexcept {
    std::size_t inner = 0;
    std::size_t unknown_left = extent == Extent::Few ? swept : table.rows().size();
    for (Row& row : table.rows()) {
        if (row.id == CgroupId{} || row.children == 0)
            continue;
        const bool in_turn = inner >= units_turn_ && inner < units_turn_ + units_swept;
        ++inner;
        if (extent != Extent::All && !in_turn && (row.unit_known || unknown_left == 0))
            continue;
        unknown_left -= row.unit_known || unknown_left == 0 ? 0 : 1;
        row.one_unit = read_one_unit(row);
        row.unit_known = true;
    }
    units_turn_ = units_turn_ + units_swept < inner ? units_turn_ + units_swept : 0;
}

/// `slots` begins with the largest, unless all are measured for the first time.
void CandidatePool::follow(Table& table, std::span<const Slot> slots, Extent extent,
                           TimePoint now) const noexcept {
    const bool fit = slots.size() <= followed;
    const std::size_t largest = fit ? slots.size() : extent == Extent::All ? 0 : followed;
    for (const Slot slot : slots.subspan(largest))
        if (Closeup* const close = table.at(slot).close; close != nullptr)
            close_files(close->files);
    std::size_t room = files_ == Files::Held ? table.room_for_files() : 0;
    for (const Slot slot : slots.first(largest)) {
        bool& wanted = table.look_closely(slot, now).files.wanted;
        if (wanted || room == 0)
            continue;
        wanted = true;
        --room;
    }
}

void CandidatePool::measure_all(Table& table, std::span<const Slot> slots, Swapped swapped,
                                TimePoint now) noexcept {
    for (const Slot slot : slots) {
        Row& row = table.at(slot);
        if (fresh(row, now))
            continue;
        if (machine_.memory_controller)
            measure(row, now, swapped);
        else
            measure_by_processes(machine_, row, now);
    }
}

/// Brings those to the front that are to be measured now.
std::span<const Slot> CandidatePool::due(const Table& table, const Watch& watch, const Rule& rule,
                                         std::span<Slot> slots, Extent extent) noexcept {
    if (slots.size() <= followed || extent == Extent::All)
        return slots;
    const std::span<Slot> rest = slots.subspan(largest(slots, table, rule, watch.rule, followed));
    const auto unknown = [&](Slot slot) { return !table.at(slot).usage; };
    const auto never =
        static_cast<std::size_t>(std::ranges::partition(rest, unknown).begin() - rest.begin());
    if (extent == Extent::Few && never > swept)
        return slots.first(followed + swept);
    std::span<Slot> known = rest.subspan(never);
    if (known.size() > swept) {
        std::ranges::sort(known); // The order that the turns go by.
        turn_ = turn_ + swept < known.size() ? turn_ : 0;
        std::ranges::rotate(known, known.begin() + static_cast<std::ptrdiff_t>(turn_));
        turn_ += swept;
        known = known.first(swept);
    }
    const auto end = static_cast<std::size_t>(known.data() + known.size() - slots.data());
    return slots.first(end);
}

Found CandidatePool::sample(Table& table, const Watch& watch, const Rule& rule,
                            const std::optional<MemInfo>& memory, TimePoint now,
                            Extent extent) noexcept {
    const Swapped swapped = swapped_of(memory);
    read_units(table, extent);
    Found found =
        find_candidates(table, watch.slot, rule, watch.rule, slots_.span(), scratch_.span());
    const std::span<Slot> every = slots_.span().first(found.count);
    const std::span<const Slot> slots = due(table, watch, rule, every, extent);
    follow(table, every, extent, now);
    measure_all(table, slots, swapped, now);
    const auto hidden = [&](Slot slot) { return !table.at(slot).measurable; };
    if (std::ranges::any_of(slots, hidden)) {
        // An ancestor answers for what cannot be measured, so look again.
        found =
            find_candidates(table, watch.slot, rule, watch.rule, slots_.span(), scratch_.span());
        const std::span<Slot> again = slots_.span().first(found.count);
        measure_all(table, extent == Extent::Few ? due(table, watch, rule, again, extent) : again,
                    swapped, now);
    }
    found_ = origin_.keep(table, watch, rule, slots_.span().first(found.count), now);
    whole_ = largest(slots_.span().first(found_), table, rule, watch.rule, measured_whole);
    for (const Slot slot : slots_.span().first(whole_))
        measure_whole(table, slot, now);
    return found;
}

void CandidatePool::measure_whole(Table& table, Slot slot, TimePoint now) noexcept {
    const UsageDetails& details = table.look_closely(slot, now).details;
    if (details.stalled)
        return;
    if (!details.anon && machine_.memory_controller)
        measure_closely(table.at(slot));
    else if (!details.anon)
        take_all_as_anonymous(table.at(slot));
    measure_stall(machine_, table, slot);
}

std::span<const Candidate> CandidatePool::ranked(const Table& table, const Watch& watch,
                                                 const Rule& rule, Bytes machine_total) noexcept {
    std::size_t count = 0;
    for (const Slot slot : slots_.span().first(whole_))
        if (table.at(slot).usage)
            candidates_[count++] =
                candidate_of(table.at(slot), slot, watch.rule, table.at(watch.slot).marks);
    const std::span<Candidate> measured = candidates_.span().first(count);
    return measured.first(rank(rule, machine_total, measured));
}

} // namespace reapd
