// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// In which order candidates die. What counts is the promise of a kill, memory that comes back
/// with it: anonymous memory and swap, never page cache, which the kernel can have anyway.

#include "decide/candidates.hpp"

#include <optional>

namespace reapd {

struct Candidate {
    Slot slot = no_slot;
    CgroupId id{};
    Bytes current{}; ///< page cache included; to show, not to rank
    Bytes swap{};
    Bytes promise{}; ///< anonymous + swap; an upper bound while "anon" is unknown
    std::optional<std::int64_t> growth{}; ///< of the promise, bytes per second
    bool processes = false;               ///< one process in it dies, not all of it

    bool operator==(const Candidate&) const = default;
};

/// What the table knows of one row. No growth for a cgroup first seen, and none between samples
/// too close to each other or without "anon": page cache grows faster than anything.
Candidate candidate_of(const Row& row, Slot slot, RuleIndex rule) noexcept;

/// Drops candidates below the rule's MinimumSize and sorts the rest by the rule's order, first
/// victim first; equal ones by id, so the result depends on nothing else. With Among=processes
/// all are marked so.
///
/// @param machine_total  RAM of the machine: growth counts from 1 % of it per second on
/// @return how many remain, at the front
std::size_t rank(const Rule& rule, Bytes machine_total, std::span<Candidate> candidates) noexcept;

/// Moves the `keep` largest by memory.current + swap to the front, in no particular order: only
/// of those is more read.
/// @return how many are there, at most `keep`
std::size_t largest(std::span<Slot> slots, const Table& table, std::size_t keep) noexcept;

} // namespace reapd
