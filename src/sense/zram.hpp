// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Swap on zram is compressed memory: what is free there can be used only as far as there is memory
/// to hold it.

#include "base/result.hpp"
#include "base/units.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace reapd {

/// zram devices beyond this count as ordinary swap; distributions set up one.
constexpr std::size_t most_zram = 16;

struct ZramSwap {
    Bytes free{};              ///< of all zram devices together
    std::uint32_t devices = 0; ///< how many are in `numbers`
    std::array<std::uint32_t, most_zram> numbers{};
};

/// What /proc/swaps has of zram; nothing of it is no error.
/// Errors: EBADMSG if the line of a zram device is cut or not understood.
/// Source: swap_show() in mm/swapfile.c.
Result<ZramSwap> parse_zram_swaps(std::string_view text) noexcept;

/// How much data is in one zram device, and how much memory that takes.
struct ZramUse {
    Bytes data{};
    Bytes memory{};

    bool operator==(const ZramUse&) const = default;
};

/// Errors: EBADMSG.
/// Source: Documentation/admin-guide/blockdev/zram.rst, mm_stat.
Result<ZramUse> parse_zram_use(std::string_view text) noexcept;

/// How much can still be swapped into `free` of zram when `available` memory is left and data
/// shrinks as in `use` (to a half while there is little to go by).
Bytes usable_zram(Bytes free, Bytes available, const ZramUse& use) noexcept;

} // namespace reapd
