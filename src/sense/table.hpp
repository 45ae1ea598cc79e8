// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the guard knows of the cgroups below every watched one. The front names slots, follows
/// the tree and fills rows by request; the guard measures. No names here: a cgroup is its inode
/// and an open directory, and what settings say about its path is already worked out as marks.

#include "base/lazy_array.hpp"
#include "base/units.hpp"
#include "sense/closeup.hpp"
#include "sense/slot.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace reapd {

/// Bit n stands for rule n of the policy.
using RuleMask = std::uint64_t;

/// ManagedOOMPreference= of a unit, or user.oomd_avoid and user.oomd_omit on its directory.
enum class Wish : std::uint8_t { None, Avoid, Omit };

/// What settings say about one cgroup.
struct Marks {
    RuleMask watched = 0;   ///< Watch= matches it
    RuleMask asked = 0;     ///< of watched: only because a user asks for it, who owns it
    RuleMask spared = 0;    ///< Protect= matches it (and so everything below it)
    RuleMask preferred = 0; ///< Prefer= matches it or a cgroup above it
    RuleMask avoided = 0;   ///< Avoid= does
    RuleMask processes = 0; ///< ProcessesIn= matches it: not it but one process in it
    Wish wish = Wish::None;
    bool wish_of_root = false; ///< by the system's service manager: counts whoever owns the cgroup
    std::uint32_t owner = 0;   ///< uid of its directory
    bool never = false; ///< essential, the root, init.scope, reapd's own or an ancestor of it
    bool dear = false;  ///< essential, but a user's, who could have put anything there
    bool unit = false;  ///< a service or a scope: its manager reads xattrs on this directory
    bool operator==(const Marks&) const = default;
};

/// Whether the wish of `candidate` binds a rule that watches the cgroup of `watched`: it is that of
/// root or of whom the watched cgroup belongs to. Anybody else's would shield one's own at the
/// expense of the others in there.
constexpr bool wish_counts(const Marks& candidate, const Marks& watched) noexcept {
    return candidate.wish_of_root || candidate.owner == 0 || candidate.owner == watched.owner;
}

struct Row {
    CgroupId id{}; ///< 0: the slot is free
    int dir = -1;  ///< open directory
    Slot parent = no_slot;
    std::uint32_t children = 0;
    bool one_unit = false;   ///< memory.oom.group is 1: dies as a whole or not at all
    bool unit_known = false; ///< that was read
    bool unseen = false;     ///< it has children that have no row
    bool measurable = true;  ///< false once memory.current is found missing or unreadable
    Marks marks{};
    TimePoint born{};             ///< when it was made; the clock's beginning: not known
    TimePoint exempt_at{};        ///< when its processes were last seen at oom_score_adj -1000
    std::optional<Usage> usage{}; ///< newest
    Closeup* close = nullptr;     ///< nullptr: it was not looked at closely
};

inline constexpr Closeup no_closeup{};

/// What is known closely of a row, also when that is nothing.
constexpr const Closeup& closeup_of(const Row& row) noexcept {
    return row.close != nullptr ? *row.close : no_closeup;
}

/// Takes a new reading. Growth wants two that are apart: while the newest is young the one before
/// it stays, unless that is of another spell of pressure.
inline void renew(Row& row, const Usage& now) noexcept {
    constexpr std::chrono::milliseconds young{500};
    constexpr std::chrono::seconds outdated{5};
    if (Closeup* const close = row.close; close != nullptr) {
        if (row.usage && (!close->earlier || now.taken - row.usage->taken >= young ||
                          now.taken - close->earlier->taken > outdated)) {
            close->earlier = row.usage;
            close->earlier_details = close->details;
        }
        close->details = {};
    }
    row.usage = now;
}

/// Nothing is known of its memory any more, nor of what it held.
inline void forget_usage(Row& row) noexcept {
    row.usage.reset();
    row.born = {};
    if (row.close != nullptr) {
        row.close->details = {};
        row.close->earlier.reset();
        row.close->past = {};
    }
}

/// Whose the directories of a table are: its own to close, or lent to it.
enum class Directories : std::uint8_t { Owned, Lent };

/// Fixed capacity, reserved when it is made; add() and remove() only fill and clear.
class Table {
public:
    explicit Table(std::size_t capacity, Directories directories = Directories::Owned)
        : rows_{capacity}, closeups_{capacity}, directories_{directories} {}
    Table(Table&& other) noexcept;
    Table& operator=(Table&& other) noexcept;
    ~Table();

    std::span<Row> rows() noexcept { return rows_.span().first(used_); }
    std::span<const Row> rows() const noexcept { return rows_.span().first(used_); }
    Row& at(Slot slot) noexcept { return rows_[slot]; }
    const Row& at(Slot slot) const noexcept { return rows_[slot]; }
    std::size_t capacity() const noexcept { return rows_.size(); }

    /// What is known closely of a cgroup, and will be: its place is its own until nobody has asked
    /// for it in a while and others need places.
    Closeup& look_closely(Slot slot, TimePoint now) noexcept;

    /// Takes all memory that looking closely at cgroups will need, unless it is at a great many.
    void prefault() noexcept { closeups_.prefault(used_); }

    /// Closes every file that is held.
    void close_all_files() noexcept;

    /// How many more rows may hold files: a user can have as many cgroups watched as he likes.
    std::size_t room_for_files() const noexcept;

    /// Fills a free slot and takes over `dir`, unless directories are lent. `slot` < capacity();
    /// the parent is already there or no_slot.
    void add(Slot slot, CgroupId id, Slot parent, int dir, const Marks& marks) noexcept;

    /// Frees a slot and closes its directory. Children are removed before their parent.
    void remove(Slot slot) noexcept;

    /// Whether `slot` is `root` or below it; false for a free slot. Ends on any input.
    bool within(Slot slot, Slot root) const noexcept;

private:
    void let_go(Row& row) noexcept;

    LazyArray<Row> rows_;
    Closeups closeups_;
    std::size_t used_ = 0; ///< highest slot in use + 1
    Directories directories_ = Directories::Owned;
};

} // namespace reapd
