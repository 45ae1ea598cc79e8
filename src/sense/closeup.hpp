// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What is known of the few cgroups that are looked at closely: the largest that a watch follows,
/// and those whose limits may be to blame. It takes more memory than all else that is known of a
/// cgroup, so it is kept for these alone.

#include "base/lazy_array.hpp"
#include "base/units.hpp"
#include "sense/slot.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace reapd {

/// Memory of one cgroup at one moment.
struct Usage {
    TimePoint taken{};
    Bytes current{}; ///< memory.current; page cache included
    Bytes swap{};    ///< memory.swap.current; 0 without swap accounting

    bool operator==(const Usage&) const = default;
};

/// What more is read of the largest, at the moment of a usage.
struct UsageDetails {
    std::optional<Bytes> anon{};             ///< "anon" of memory.stat
    Bytes shared{};                          ///< "shmem": its tmpfs files and shared memory
    std::optional<std::uint64_t> scanned{};  ///< "pgscan", pages
    std::optional<std::uint64_t> refaults{}; ///< pages
    std::optional<Microseconds> stalled{};   ///< total full stall
    Slot stalled_in = no_slot;               ///< of which cgroup: itself, or the next that tells

    bool operator==(const UsageDetails&) const = default;
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

    static constexpr std::chrono::seconds turn{30};

    /// It was made then, and held nothing.
    static constexpr Past of_birth(TimePoint then) noexcept {
        return {.older = {.taken = then, .held = {}}, .newer = {.taken = then, .held = {}}};
    }

    constexpr void add(TimePoint now, Bytes held) noexcept {
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

/// So many cgroups at most hold files.
constexpr std::size_t most_holding = 768;

/// Closes what is held of it, and holds nothing from now on.
void close_files(HeldFiles& files) noexcept;

struct Closeup {
    Slot of = no_slot;              ///< whose it is; no_slot: nobody's
    TimePoint wanted_at{};          ///< when somebody last wanted to look closely
    UsageDetails details{};         ///< of the newest usage
    std::optional<Usage> earlier{}; ///< of the sample before it, for growth
    UsageDetails earlier_details{}; ///< of that
    Past past{};                    ///< for what it gained since then
    LimitHits own_limit{};          ///< its own limit
    LimitHits limits_within{};      ///< its own and those of everything below it
    HeldFiles files{};
};

/// A place for every cgroup of a table, should so many be looked at at once; but memory is made
/// ready for the first few only. Others take it when they are needed, which may wait for a page.
class Closeups {
public:
    /// A watch follows half as many, and most watches the same ones.
    static constexpr std::size_t ready = 1024;

    explicit Closeups(std::size_t capacity) : places_{capacity} {}

    /// Those that are somebody's, and some that are not.
    std::span<Closeup> all() noexcept { return places_.span().first(reached_); }
    std::span<const Closeup> all() const noexcept { return places_.span().first(reached_); }

    /// Takes the memory that a table with so many rows will need.
    void prefault(std::size_t rows) noexcept { places_.touch(std::min(rows, ready)); }

    /// One that is nobody's, or else one that nobody has wanted for so long that it tells nothing
    /// any more. `rows`: so many cgroups there are at most; one of them has none yet.
    Closeup& place(std::size_t rows, TimePoint now) noexcept;

    /// It is nobody's from now on.
    void give_up(Closeup& closeup) noexcept;

private:
    LazyArray<Closeup> places_;
    std::size_t reached_ = 0; ///< so many were ever used
    std::size_t turn_ = 0;    ///< where the next search begins
    TimePoint none_until_{};  ///< a search finds nothing, unless one is given up
};

} // namespace reapd
