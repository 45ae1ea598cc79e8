// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The candidates of one watch, measured in stages: memory.current of all, the rest of the
/// largest only, because reading memory.stat makes the kernel add up every CPU's counters.

#include "base/lazy_array.hpp"
#include "decide/candidates.hpp"
#include "decide/rank.hpp"
#include "limit_origin.hpp"
#include "sense/sampler.hpp"
#include "sense/table.hpp"
#include "watch.hpp"

#include <span>

namespace reapd {

/// How many are measured where there are very many.
enum class Extent : std::uint8_t {
    All,
    Usual, ///< those that were never measured, the largest, and the next in turn
    Few,   ///< likewise, but of the first not too many at once: nobody dies soon
};

class CandidatePool {
public:
    CandidatePool(const Machine& machine, std::size_t capacity, Files files = Files::Closed)
        : machine_{machine}, files_{files}, origin_{machine, files}, slots_{capacity},
          scratch_{capacity}, candidates_{measured_whole} {}

    /// Measures the candidates of `watch` now; what was measured before becomes `earlier`, from
    /// which growth follows. `memory` is the machine's at that moment.
    Found sample(Table& table, const Watch& watch, const Rule& rule,
                 const std::optional<MemInfo>& memory, TimePoint now,
                 Extent extent = Extent::Usual) noexcept;

    /// Takes all memory that a choice among the first `rows` of the table will need.
    void prefault(std::size_t rows) noexcept {
        slots_.touch(rows);
        scratch_.touch(rows);
        candidates_.touch(measured_whole);
    }

    /// The measured candidates, best victim first.
    std::span<const Candidate> ranked(const Table& table, const Watch& watch, const Rule& rule,
                                      Bytes machine_total) noexcept;

private:
    /// So many of the largest get memory.stat; the others are ranked behind them anyway.
    static constexpr std::size_t measured_whole = 64;
    /// So many of the largest are measured each time, and have their files held.
    static constexpr std::size_t followed = 512;
    /// Beyond these the rest takes turns, so many at a time.
    static constexpr std::size_t swept = 256;
    /// memory.oom.group hardly ever changes; known ones are read again in turn.
    static constexpr std::size_t units_swept = 4;

    void read_units(Table& table, Extent extent) noexcept;
    void follow(Table& table, std::span<const Slot> slots, Extent extent,
                TimePoint now) const noexcept;
    std::span<const Slot> due(const Table& table, const Watch& watch, const Rule& rule,
                              std::span<Slot> slots, Extent extent) noexcept;
    void measure_all(Table& table, std::span<const Slot> slots, Swapped swapped,
                     TimePoint now) noexcept;
    void measure_whole(Table& table, Slot slot, TimePoint now) noexcept;

    const Machine& machine_;
    Files files_;
    LimitOrigin origin_;
    LazyArray<Slot> slots_;
    LazyArray<std::uint8_t> scratch_;
    LazyArray<Candidate> candidates_;
    std::size_t found_ = 0;
    std::size_t turn_ = 0;
    std::size_t units_turn_ = 0;
    std::size_t whole_ = 0;
};

} // namespace reapd
