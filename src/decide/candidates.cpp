// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/candidates.hpp"

#include <algorithm>
#include <array>

namespace reapd {
namespace {

/// What is found out about one row, as bits of its scratch byte.
enum Flag : std::uint8_t {
    Settled = 1,         ///< the three of inheritance below are known
    Inside = 2,          ///< the watched cgroup or below it
    Spared = 4,          ///< protected itself or by an ancestor
    Covered = 8,         ///< a cgroup above it, at or below the watched one, dies as a whole
    HoldsProtected = 16, ///< itself or something below it must live
    HoldsMeasured = 32,  ///< something below it was measured
    HoldsDear = 64,      ///< itself or something below it is essential to its user
    Done = 128,          ///< taken; if not measurable, climbed through on the way to a stand-in
};

class Search {
public:
    Search(const Table& table, Slot watched, RuleMask rule, std::span<std::uint8_t> flags) noexcept
        : rows_{table.rows()}, watched_{watched}, rule_{rule}, flags_{flags} {}

    /// What is dear to a user can be killed at a price and is never frozen.
    void spare_the_dear() noexcept { spares_dear_ = true; }

    bool possible() const noexcept {
        return watched_ < rows_.size() && flags_.size() >= rows_.size();
    }

    Found run(Among among, std::span<Slot> out) noexcept {
        out_ = out;
        std::ranges::fill(flags_.first(rows_.size()), std::uint8_t{0});
        for (Slot slot = 0; slot < rows_.size(); ++slot)
            note_upwards(slot);
        if (among == Among::Self) {
            settle(watched_);
            offer(watched_);
            return found_;
        }
        for (Slot slot = 0; slot < rows_.size(); ++slot) {
            if (rows_[slot].id == CgroupId{})
                continue;
            settle(slot);
            if (among == Among::Children ? rows_[slot].parent == watched_ : is_unit(slot))
                offer(slot);
        }
        return found_;
    }

private:
    bool exists(Slot slot) const noexcept { return slot < rows_.size(); } // no_slot does not
    bool has(Slot slot, unsigned flags) const noexcept { return (flags_[slot] & flags) != 0; }
    void set(Slot slot, unsigned flags) noexcept {
        flags_[slot] = static_cast<std::uint8_t>(flags_[slot] | flags);
    }

    bool omitted(const Row& row) const noexcept {
        return row.marks.wish == Wish::Omit && wish_counts(row.marks, rows_[watched_].marks);
    }

    bool dies_whole(Slot slot) const noexcept {
        const Row& row = rows_[slot];
        const bool at_a_price =
            has(slot, HoldsProtected) || (has(slot, HoldsDear) && !row.marks.dear);
        const bool stands_for_unseen = row.unseen && slot != watched_ && !at_a_price;
        return row.one_unit || stands_for_unseen || (row.marks.processes & rule_) != 0;
    }

    bool is_unit(Slot slot) const noexcept {
        return has(slot, Inside) && !has(slot, Covered) &&
               (rows_[slot].children == 0 || dies_whole(slot));
    }

    void note_upwards(Slot slot) noexcept {
        const Row& row = rows_[slot];
        if (row.id == CgroupId{})
            return;
        // Whoever has the memory controller has it from all of its ancestors.
        if (row.measurable && row.usage)
            for (Slot at = row.parent; exists(at) && !has(at, HoldsMeasured); at = rows_[at].parent)
                set(at, HoldsMeasured);
        if (row.marks.dear)
            for (Slot at = slot; exists(at) && !has(at, HoldsDear); at = rows_[at].parent)
                set(at, HoldsDear);
        const bool too_dear = spares_dear_ && row.marks.dear;
        if (!row.marks.never && (row.marks.spared & rule_) == 0 && !omitted(row) && !too_dear)
            return;
        for (Slot at = slot; exists(at) && !has(at, HoldsProtected); at = rows_[at].parent)
            set(at, HoldsProtected);
    }

    /// Brings down to `slot` what its ancestors hand on. Parents may have higher slots than their
    /// children, so each row climbs to what is known and comes back; the next ones find it
    /// known. Trees deeper than `path` take several rounds: no recursion, since a tree can be as
    /// deep as its owner likes and the guard's stack cannot.
    void settle(Slot slot) noexcept {
        std::array<Slot, 64> path{};
        while (!has(slot, Settled)) {
            std::size_t steps = 0;
            // A chain longer than the table would be a ring: no tree, but no reason to hang either.
            for (Slot at = slot; exists(at) && !has(at, Settled) && steps < rows_.size();
                 at = rows_[at].parent)
                path[steps++ % path.size()] = at;
            for (std::size_t left = std::min(steps, path.size()); left > 0; --left)
                inherit(path[--steps % path.size()]);
        }
    }

    void inherit(Slot slot) noexcept {
        const Row& row = rows_[slot];
        unsigned flags = Settled;
        if ((row.marks.spared & rule_) != 0)
            flags |= Spared;
        if (slot == watched_)
            flags |= Inside;
        if (exists(row.parent)) {
            flags |= flags_[row.parent] & unsigned{Inside | Spared | Covered};
            if (has(row.parent, Inside) && dies_whole(row.parent))
                flags |= Covered;
        }
        set(slot, flags);
    }

    void offer(Slot slot) noexcept {
        if (!rows_[slot].measurable) {
            if (has(slot, Spared | HoldsProtected))
                ++found_.spared;
            else
                offer_stand_in(slot);
        } else if (!has(slot, Done)) {
            set(slot, Done);
            if (has(slot, Spared | HoldsProtected))
                ++found_.spared;
            else if (found_.count < out_.size())
                out_[found_.count++] = slot;
        }
    }

    /// The nearest measurable ancestor strictly below the watched cgroup, once.
    void offer_stand_in(Slot slot) noexcept {
        for (Slot at = slot; exists(at) && has(at, Inside) && at != watched_;
             at = rows_[at].parent) {
            if (rows_[at].measurable) {
                if (!has(at, HoldsMeasured))
                    offer(at);
                return;
            }
            if (has(at, Done))
                return;
            set(at, Done);
        }
    }

    std::span<const Row> rows_;
    Slot watched_;
    RuleMask rule_;
    std::span<std::uint8_t> flags_;
    std::span<Slot> out_{};
    bool spares_dear_ = false;
    Found found_{};
};

} // namespace

Found find_candidates(const Table& table, Slot watched, const Rule& rule, RuleIndex rule_index,
                      std::span<Slot> out, std::span<std::uint8_t> scratch) noexcept {
    Search search{table, watched, RuleMask{1} << rule_index, scratch};
    if (stops(rule))
        search.spare_the_dear();
    return search.possible() ? search.run(rule.victim.among, out) : Found{};
}

} // namespace reapd
