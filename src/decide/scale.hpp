// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Multiplying before dividing, for rates and shares.

#include <cstdint>

namespace reapd {

/// `value` × `numerator` / `denominator`, rounded to nearest. Bytes times microseconds do not fit
/// in 64 bits (1 TiB over 20 s is 2^64), so this goes through 128.
///
/// @param denominator  above 0; the result must fit
constexpr std::int64_t scale(std::int64_t value, std::int64_t numerator,
                             std::int64_t denominator) noexcept {
    __extension__ using Wide = __int128;
    const Wide product = Wide{value} * numerator;
    const Wide half = denominator / 2;
    return static_cast<std::int64_t>((product + (product < 0 ? -half : half)) / denominator);
}

} // namespace reapd
