// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the guard knows of the cgroups below every watched one. The front names slots, follows
/// the tree and fills rows by request; the guard measures. No names here: a cgroup is its inode
/// and an open directory, and what settings say about its path is already worked out as marks.

#include "base/lazy_array.hpp"
#include "base/units.hpp"
#include "sense/activity.hpp"
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

/// Memory of one cgroup at one moment.
struct Usage {
    TimePoint taken{};
    Bytes current{}; ///< memory.current; page cache included
    Bytes swap{};    ///< memory.swap.current; 0 without swap accounting

    // Read for the largest only.
    std::optional<Bytes> anon{};             ///< "anon" of memory.stat
    Bytes shared{};                          ///< "shmem": its tmpfs files and shared memory
    std::optional<std::uint64_t> scanned{};  ///< "pgscan", pages
    std::optional<std::uint64_t> refaults{}; ///< pages
    std::optional<Microseconds> stalled{};   ///< total full stall
    Slot stalled_in = no_slot;               ///< of which cgroup: itself, or the next that tells

    bool operator==(const Usage&) const = default;
};

/// What a cgroup held a while ago, to see what it gained since: anonymous memory, swap and shared
/// memory. Two marks take turns, so that one of them is 30 to 90 s old whenever it is measured, and
/// younger only for a cgroup that was not known before.
struct Past {
    struct Mark {
        TimePoint taken{}; ///< the clock's beginning: not known
        Bytes held{};
        bool operator==(const Mark&) const = default;
    };
    Mark older{};
    Mark newer{};
    bool operator==(const Past&) const = default;

    /// It was made now, and holds nothing.
    static constexpr Past of_birth(TimePoint now) noexcept {
        return {.older = {.taken = now, .held = {}}, .newer = {.taken = now, .held = {}}};
    }

    constexpr void add(TimePoint now, Bytes held) noexcept {
        constexpr std::chrono::seconds turn{30};
        const bool known = newer.taken != TimePoint{};
        const auto age = now - newer.taken;
        if (known && age < turn)
            return;
        const Mark present{.taken = now, .held = held};
        older = known && age <= 2 * turn ? newer : present;
        newer = present;
    }
};

/// How often a cgroup ran into a limit of its memory, read now and then while a watch is armed.
struct LimitHits {
    std::optional<std::uint64_t> count{}; ///< as last read; empty: unknown
    TimePoint read{};                     ///< when
    TimePoint before{};                   ///< when it was read before that, if it was
    TimePoint grew_after{};               ///< the reading that was older than the last growth

    bool operator==(const LimitHits&) const = default;
};

/// Whether files of cgroups stay open between two samples. Each costs the kernel 5 KiB, so only as
/// long as there is pressure.
enum class Files : std::uint8_t { Closed, Held };

/// Files of a cgroup that stay open while it is read again and again: each reading is then one
/// system call. -1: not open.
struct HeldFiles {
    bool wanted = false; ///< what is read from now on stays open
    int current = -1;
    int swap = -1;
    int stat = -1;
    int pressure = -1;
    int events = -1;
    int own_events = -1;
};

struct Row {
    CgroupId id{}; ///< 0: the slot is free
    int dir = -1;  ///< open directory
    Slot parent = no_slot;
    std::uint32_t children = 0;
    HeldFiles files{};
    Marks marks{};
    bool one_unit = false;          ///< memory.oom.group is 1: dies as a whole or not at all
    bool unit_known = false;        ///< that was read
    bool unseen = false;            ///< it has children that have no row
    TimePoint exempt_at{};          ///< when its processes were last seen at oom_score_adj -1000
    bool measurable = true;         ///< false once memory.current is found missing or unreadable
    std::optional<Usage> usage{};   ///< newest
    std::optional<Usage> earlier{}; ///< of the sample before it, for growth
    Past past{};                    ///< for what it gained since then
    LimitHits own_limit{};          ///< its own limit
    LimitHits limits_within{};      ///< its own and those of everything below it
    Activity activity{};            ///< read only where a rule asks who is idle
};

/// Takes a new reading. Growth wants two that are apart: while the newest is young the one before
/// it stays, unless that is of another spell of pressure.
inline void renew(Row& row, const Usage& now) noexcept {
    constexpr std::chrono::milliseconds young{500};
    constexpr std::chrono::seconds outdated{5};
    if (row.usage && (!row.earlier || now.taken - row.usage->taken >= young ||
                      now.taken - row.earlier->taken > outdated))
        row.earlier = row.usage;
    row.usage = now;
}

/// So many rows at most hold files.
constexpr std::size_t most_holding = 768;

/// Closes what is held of it, and holds nothing from now on.
void close_files(HeldFiles& files) noexcept;

/// Whose the directories of a table are: its own to close, or lent to it.
enum class Directories : std::uint8_t { Owned, Lent };

/// Fixed capacity, reserved when it is made; add() and remove() only fill and clear.
class Table {
public:
    explicit Table(std::size_t capacity, Directories directories = Directories::Owned)
        : rows_{capacity}, directories_{directories} {}
    Table(Table&& other) noexcept;
    Table& operator=(Table&& other) noexcept;
    ~Table();

    std::span<Row> rows() noexcept { return rows_.span().first(used_); }
    std::span<const Row> rows() const noexcept { return rows_.span().first(used_); }
    Row& at(Slot slot) noexcept { return rows_[slot]; }
    const Row& at(Slot slot) const noexcept { return rows_[slot]; }
    std::size_t capacity() const noexcept { return rows_.size(); }

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
    void let_go(Row& row) const noexcept;

    LazyArray<Row> rows_;
    std::size_t used_ = 0; ///< highest slot in use + 1
    Directories directories_ = Directories::Owned;
};

} // namespace reapd
