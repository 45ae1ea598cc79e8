// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Reads who runs into a limit while a watch is armed, so that nobody dies for the limit of
/// somebody else.

#include "decide/at_limit.hpp"
#include "sense/sampler.hpp"
#include "sense/table.hpp"
#include "watch.hpp"

#include <span>

namespace reapd {

class LimitOrigin {
public:
    LimitOrigin(const Machine& machine, Files files) : machine_{machine}, files_{files} {}

    /// Reads the limits of the candidates of `watch`, of what lies between them and it, and of
    /// what lies above it; moves those to the front that remain candidates. To be called for each
    /// sample since the watch was armed.
    /// @return how many remain
    std::size_t keep(Table& table, const Watch& watch, const Rule& rule, std::span<Slot> candidates,
                     TimePoint now) noexcept;

private:
    Row& follow(Table& table, Slot slot, TimePoint now) noexcept;
    void read_upwards(Table& table, Slot from, TimePoint now) noexcept;
    void read_between(Table& table, Slot candidate, Slot watched, TimePoint now) noexcept;

    /// So many of the largest are read; the limits of the others are unknown.
    static constexpr std::size_t most_read = 512;

    const Machine& machine_;
    Files files_;
    std::size_t room_ = 0;  ///< so many more rows may hold files
    TimePoint restarted_{}; ///< a kill had ended; what ran into limits before may be dead
};

} // namespace reapd
