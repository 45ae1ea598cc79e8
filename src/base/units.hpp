// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Units. A number never travels without one: the kernel files we read use bytes, kibibytes,
/// pages, percent and microseconds, and a bare integer says none of it.

#include <chrono>
#include <compare>
#include <cstdint>

namespace reapd {

/// A share of a whole in 1/100 of a percent; 10000 is everything.
///
/// The kernel prints PSI averages with exactly two decimals, so this holds them exactly. There
/// is no floating point in decisions.
struct Permyriad {
    std::uint32_t value = 0;
    auto operator<=>(const Permyriad&) const = default;
};

struct Bytes {
    std::uint64_t value = 0;
    auto operator<=>(const Bytes&) const = default;
};

constexpr Bytes operator+(Bytes a, Bytes b) noexcept { return {a.value + b.value}; }

/// Difference that never wraps: what the kernel counts on several CPUs may run behind itself.
constexpr Bytes operator-(Bytes a, Bytes b) noexcept {
    return {a.value > b.value ? a.value - b.value : 0};
}

constexpr Bytes kib(std::uint64_t n) noexcept { return {n << 10}; }
constexpr Bytes mib(std::uint64_t n) noexcept { return {n << 20}; }

/// `share` of `whole`, rounded down; exact up to 2^50 bytes.
constexpr Bytes part_of(Bytes whole, Permyriad share) noexcept {
    return {whole.value / 10000 * share.value + whole.value % 10000 * share.value / 10000};
}

/// Inode of a cgroup directory. Unlike a path it is not used again when a unit is stopped and
/// started (64-bit kernels), so it identifies a cgroup across snapshots.
struct CgroupId {
    std::uint64_t value = 0;
    auto operator<=>(const CgroupId&) const = default;
};

/// When something was measured (CLOCK_MONOTONIC). Only guard and front read the clock;
/// everything else is given the time.
using TimePoint = std::chrono::steady_clock::time_point;
using Microseconds = std::chrono::microseconds;

} // namespace reapd
