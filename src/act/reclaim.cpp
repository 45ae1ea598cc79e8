// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/reclaim.hpp"

#include "base/files.hpp"

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

Bytes read_current(const Fd& dir) noexcept {
    std::array<char, 32> text;
    const Result<std::string_view> read = read_at(dir, "memory.current", text);
    Bytes current;
    if (read)
        std::from_chars(read->data(), read->data() + read->size(), current.value);
    return current;
}

} // namespace

CoolingResult reclaim(const Fd& dir, const CoolingOrder& order, const StopSign& stop) noexcept {
    CoolingResult result;
    while (result.moved < order.budget) {
        if (stop.seen()) {
            result.stopped = true;
            return result;
        }
        const Bytes step = std::min(cooling_step, order.budget - result.moved);
        const Bytes before = read_current(dir);
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
            result.moved = result.moved + (before - read_current(dir));
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

} // namespace reapd
