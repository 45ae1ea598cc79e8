// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Whose limit is it? Pressure of a slice has two causes: the slice (or the machine) is short, or
/// one cgroup in it is held back by a limit of its own. In the second case nobody else's death
/// helps.

#include "sense/table.hpp"

#include <cstddef>
#include <span>

namespace reapd {

/// Levels between a candidate and the watched cgroup that are looked at. The tree can be as deep
/// as its owner likes; what lies deeper is unknown.
constexpr std::size_t most_levels = 16;

/// Moves those of `candidates` to the front that can have to do with the pressure of `watched`,
/// judged by the limits that were run into after `since`:
/// - the limit of `watched` or of a cgroup above it: all;
/// - else, limits below it: those where that was, in them, or in a cgroup that they are part of;
/// - else all: the whole machine is short.
///
/// What is unknown protects nobody: with an unknown limit a candidate stays, and nobody else goes
/// because of it. So does everything while less than two readings were taken after `since`.
///
/// @return how many remain, at the front
std::size_t keep_at_limit(const Table& table, Slot watched, TimePoint since,
                          std::span<Slot> candidates) noexcept;

} // namespace reapd
