// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The calls that take memory back, as names alone; mrelease.hpp makes them.

#include <cstdint>

namespace reapd {

/// What a kernel may have beyond process_mrelease(2) as released ones have it; see kernel/.
struct ReleaseOffers {
    bool bounded = false;   ///< it frees in pieces
    bool reap_kill = false; ///< it kills and releases in one call
    bool expedite = false;  ///< a SIGKILL after which the kernel releases by itself

    bool operator==(const ReleaseOffers&) const = default;
};

/// What a kill has called; the bits of a set.
namespace release_call {
constexpr std::uint32_t whole = 1U << 0;
constexpr std::uint32_t bounded = 1U << 1;
constexpr std::uint32_t reap_kill = 1U << 2;
constexpr std::uint32_t expedite = 1U << 3;
} // namespace release_call

} // namespace reapd
