// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/zram.hpp"

#include "sense/lines.hpp"

#include <algorithm>

namespace reapd {
namespace {

// Below this the device's own tables are most of what it takes.
constexpr Bytes enough_data = mib(16);
// What zram.rst expects of a device; kernels measured 2 to 4.
constexpr std::uint64_t usual_ratio = 2;

} // namespace

Result<ZramSwap> parse_zram_swaps(std::string_view text) noexcept {
    ZramSwap swaps;
    while (const auto line = take_line(text)) {
        constexpr std::string_view name = "/dev/zram";
        if (!line->starts_with(name) || swaps.devices == most_zram)
            continue;
        Reader in{behind(*line, name)};
        const std::uint64_t number = in.number();
        skip_blanks(in);
        in.literal("partition");
        skip_blanks(in);
        const std::uint64_t size = in.number();
        skip_blanks(in);
        const std::uint64_t used = in.number();
        constexpr std::uint64_t most = std::uint64_t{1} << 50; // KiB; a sum of 16 still fits
        if (!in.ok() || number > UINT32_MAX || size > most)
            return failed("parse_zram_swaps", EBADMSG);
        swaps.free = swaps.free + (kib(size) - kib(std::min(used, size)));
        swaps.numbers[swaps.devices++] = static_cast<std::uint32_t>(number);
    }
    if (!text.empty())
        return failed("parse_zram_swaps", EBADMSG);
    return swaps;
}

Result<ZramUse> parse_zram_use(std::string_view text) noexcept {
    // orig_data_size compr_data_size mem_used_total …
    Reader in{text};
    ZramUse use;
    skip_blanks(in);
    use.data = {in.number()};
    skip_blanks(in);
    (void)in.number();
    skip_blanks(in);
    use.memory = {in.number()};
    if (!in.ok())
        return failed("parse_zram_use", EBADMSG);
    return use;
}

Bytes usable_zram(Bytes free, Bytes available, const ZramUse& use) noexcept {
    if (use.data < enough_data || use.memory == Bytes{})
        return std::min(free, Bytes{available.value * usual_ratio});
    // In KiB, so that the product of two amounts of memory fits.
    const std::uint64_t memory = std::max<std::uint64_t>(use.memory.value >> 10, 1);
    const std::uint64_t held = (available.value >> 10) * (use.data.value >> 10) / memory;
    return std::min(free, kib(held));
}

} // namespace reapd
