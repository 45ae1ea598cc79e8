// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/grace.hpp"

#include <algorithm>

namespace reapd {
namespace {

/// What a spike puts into swap makes all stand still for a moment; so long is no moment.
constexpr std::chrono::seconds standstill{2};

constexpr bool heavy(Permyriad before, Permyriad now) noexcept {
    return now.value >= (before.value + 10000) / 2;
}

/// Memory and swap together: while swap is free, what is available falls to nothing without harm.
constexpr bool half_gone(const std::optional<Bytes>& before,
                         const std::optional<Bytes>& now) noexcept {
    return before && now && now->value < before->value / 2;
}

} // namespace

void Grace::begin(TimePoint now, Microseconds length, const Plight& plight) noexcept {
    ends_ = now + length;
    heavy_since_ = TimePoint::max();
    before_ = plight;
}

bool Grace::is_over(TimePoint now, const Plight& plight) noexcept {
    heavy_since_ =
        heavy(before_.stall, plight.stall) ? std::min(heavy_since_, now) : TimePoint::max();
    const bool stands_still = heavy_since_ <= now && now - heavy_since_ >= standstill;
    return now >= ends_ || stands_still || half_gone(before_.left, plight.left);
}

} // namespace reapd
