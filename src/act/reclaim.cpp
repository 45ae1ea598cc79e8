// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/reclaim.hpp"

#include "base/files.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace reapd {
namespace {

/// "16777216 swappiness=60"
using Text = std::array<char, 64>;

std::string_view request(Bytes amount, const CoolingOrder& order, Text& text) noexcept {
    constexpr std::string_view key = " swappiness=";
    char* at = std::to_chars(text.data(), text.data() + 20, amount.value).ptr;
    if (order.swappiness) {
        at = std::ranges::copy(key, at).out;
        at = std::to_chars(at, at + 10, *order.swappiness).ptr;
    }
    return {text.data(), static_cast<std::size_t>(at - text.data())};
}

/// "max" and what cannot be read count as `otherwise`.
Bytes read_bytes(const Fd& dir, const char* name, Bytes otherwise = {}) noexcept {
    std::array<char, 32> text;
    Reader in{read_at(dir, name, text).value_or(std::string_view{})};
    const std::uint64_t bytes = in.number();
    return in.ok() ? Bytes{bytes} : otherwise;
}

/// Memory of the cgroup that is in swap as well.
Bytes read_swap_cache(const Fd& dir, std::span<char> text) noexcept {
    constexpr std::string_view key = "\nswapcached ";
    const std::string_view stat = read_at(dir, "memory.stat", text).value_or(std::string_view{});
    const std::size_t at = stat.find(key);
    if (at == std::string_view::npos)
        return {};
    Reader in{{stat.begin() + at + key.size(), stat.end()}};
    return {in.number()};
}

} // namespace

Bytes read_within_reach(const Fd& dir) noexcept {
    constexpr Bytes all{UINT64_MAX};
    return read_bytes(dir, "memory.current") -
           std::max(read_bytes(dir, "memory.min", all), read_bytes(dir, "memory.low", all));
}

CoolingResult reclaim(const Fd& dir, const CoolingOrder& order, const StopSign& stop) noexcept {
    CoolingResult result;
    while (result.moved < order.budget) {
        if (stop.seen()) {
            result.stopped = true;
            return result;
        }
        const Bytes step = std::min(cooling_step, order.budget - result.moved);
        const Bytes before = read_bytes(dir, "memory.current");
        Text text;
        const Result<> done = write_at(dir, "memory.reclaim", request(step, order, text));
        if (done) {
            result.moved = result.moved + step;
            continue;
        }
        switch (done.error().code) {
        case EINTR:
            continue;
        case EAGAIN: // It got less, and has tried hard.
            result.moved = result.moved + (before - read_bytes(dir, "memory.current"));
            result.exhausted = true;
            return result;
        case ENOENT:
        case ENODEV:
            result.gone = 1;
            break;
        case EACCES:
        case EPERM:
            result.refused = 1;
            break;
        default:
            result.error = done.error().code;
        }
        result.exhausted = true;
        return result;
    }
    return result;
}

Bytes free_paged_out(const Fd& dir, const CoolingOrder& order, const StopSign& stop,
                     std::span<char> text) noexcept {
    const Bytes paged_out = read_swap_cache(dir, text);
    const Bytes before = read_bytes(dir, "memory.swap.current");
    (void)reclaim(dir, {.budget = std::min(paged_out, order.budget)}, stop);
    return read_bytes(dir, "memory.swap.current") - before;
}

} // namespace reapd
