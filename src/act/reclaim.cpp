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

/// What cannot be read is 0, "max" all there is.
Bytes read_bytes(const Fd& dir, const char* name) noexcept {
    std::array<char, 32> text;
    const std::string_view read = read_at(dir, name, text).value_or(std::string_view{});
    if (read.starts_with("max"))
        return {UINT64_MAX};
    Reader in{read};
    return {in.number()};
}

/// Where the controller is not enabled nothing is promised.
Bytes read_promise(const Fd& dir) noexcept {
    return std::max(read_bytes(dir, "memory.min"), read_bytes(dir, "memory.low"));
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
    return read_bytes(dir, "memory.current") - read_promise(dir);
}

Bytes read_within_reach(const Fd& dir, Walk& walk) noexcept {
    Bytes kept;
    if (walk.begin(dir) != 0)
        return {};
    (void)walk.next(); // `dir` itself; its children are the next ones.
    for (Walk::Step step = walk.next(); step.dir != nullptr && step.parent == 0; step = walk.next())
        kept = kept + std::min(read_bytes(*step.dir, "memory.current"), read_promise(*step.dir));
    walk.end();
    return std::min(read_within_reach(dir), read_bytes(dir, "memory.current") - kept);
}

bool is_promised_memory(const Fd& dir) noexcept { return read_promise(dir) > Bytes{}; }

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
                     std::span<char> text, Walk& walk) noexcept {
    const Bytes paged_out = std::min(read_swap_cache(dir, text), order.budget);
    if (paged_out == Bytes{})
        return {};
    const Bytes before = read_bytes(dir, "memory.swap.current");
    (void)reclaim(dir, {.budget = std::min(paged_out, read_within_reach(dir, walk))}, stop);
    return read_bytes(dir, "memory.swap.current") - before;
}

} // namespace reapd
