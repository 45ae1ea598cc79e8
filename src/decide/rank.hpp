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
    Bytes shared{};  ///< tmpfs and shared memory; comes back only with its last user or file
    std::optional<std::int64_t> growth{};        ///< of promise and shared, bytes per second
    Bytes gained{};                              ///< of the same in about the last minute
    std::optional<std::uint64_t> scan_rate{};    ///< pages a second that reclaim looks at in it
    std::optional<std::uint64_t> refault_rate{}; ///< pages a second that it reads again
    std::optional<Permyriad> stall{};            ///< share of the time that it stood still
    int preference = 0;         ///< 1: Prefer=, -1: Avoid= or such a wish, 0: neither or both
    Wish own_wish = Wish::None; ///< of the owner, that counts among the owner's only
    std::uint32_t owner = 0;
    bool dear = false;      ///< essential to its user: its growth of a moment is no reason
    bool processes = false; ///< one process in it dies, not all of it

    bool operator==(const Candidate&) const = default;
};

/// What the table knows of one row for a rule that watches the cgroup with the marks `watched`. No
/// growth for a cgroup first seen, and none between samples too close to each other or without
/// "anon": page cache grows faster than anything.
Candidate candidate_of(const Row& row, Slot slot, RuleIndex rule,
                       const Marks& watched = {}) noexcept;

/// Drops candidates below the rule's MinimumSize (promise and shared memory; where the rule cools,
/// all that is resident, since that can take page cache, too) or its least swap, and sorts the rest
/// by the rule's order, first victim first: preferred ones, then the rest, then those to avoid;
/// equal ones by id, so the result depends on nothing else. With Among=processes all are marked so.
///
/// Where an owner asks to spare one of his own, another one of his takes its place, and it the
/// other one's: everybody else's stay. Only one that is at least half as much to blame does, by the
/// first order and in size: an idle one would die for a hog, and the machine be no better off.
///
/// @param machine_total  RAM of the machine: growth counts from 1 % of it per second on, or from 32
/// MiB; where the rule asks for growth, what was gained in the last minute is added to the size
/// @return how many remain, at the front
std::size_t rank(const Rule& rule, Bytes machine_total, std::span<Candidate> candidates) noexcept;

/// What comes back if all of them die.
Bytes total_promise(std::span<const Candidate> candidates) noexcept;

/// Moves the `keep` largest by memory.current + swap to the front, in no particular order: only
/// of those is more read. Those that `rule` prefers count as larger than the others, unless they
/// are too small for it.
/// @return how many are there, at most `keep`
std::size_t largest(std::span<Slot> slots, const Table& table, const Rule& rule,
                    RuleIndex rule_index, std::size_t keep) noexcept;

} // namespace reapd
