// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/when.hpp"

#include "settings/values.hpp"

#include <fmt/chrono.h>

#include <ctime>

namespace reapd {
namespace {

constexpr std::uint64_t usec_per_second = 1'000'000;

std::optional<std::tm> local(std::uint64_t realtime_usec) {
    const auto seconds = static_cast<std::time_t>(realtime_usec / usec_per_second);
    std::tm parts{};
    if (!::localtime_r(&seconds, &parts))
        return {};
    return parts;
}

/// Out-of-range days are carried over, so the day before the first of a month is right.
std::optional<std::uint64_t> point_of(std::tm parts) {
    parts.tm_isdst = -1;
    const std::time_t seconds = ::mktime(&parts);
    if (seconds < 0)
        return {};
    return static_cast<std::uint64_t>(seconds) * usec_per_second;
}

std::optional<std::uint64_t> midnight(std::uint64_t now_usec, int days) {
    auto parts = local(now_usec);
    if (!parts)
        return {};
    parts->tm_hour = parts->tm_min = parts->tm_sec = 0;
    parts->tm_mday += days;
    return point_of(*parts);
}

/// A time of day alone is today's.
std::optional<std::uint64_t> parse_date(const std::string& text, std::uint64_t now_usec) {
    const auto today = local(now_usec);
    if (!today)
        return {};
    for (const char* format :
         {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%H:%M:%S", "%H:%M"}) {
        std::tm parts = *today;
        parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
        const char* const end = ::strptime(text.c_str(), format, &parts);
        if (end && *end == '\0')
            return point_of(parts);
    }
    return {};
}

std::optional<std::uint64_t> before(std::string_view span, std::uint64_t now_usec) {
    const auto length = parse_span(span);
    if (!length || static_cast<std::uint64_t>(length->count()) > now_usec)
        return {};
    return now_usec - static_cast<std::uint64_t>(length->count());
}

} // namespace

std::optional<std::uint64_t> parse_when(std::string_view text, std::uint64_t now_usec) {
    constexpr std::string_view ago = " ago";
    if (text == "now")
        return now_usec;
    if (text == "today")
        return midnight(now_usec, 0);
    if (text == "yesterday")
        return midnight(now_usec, -1);
    if (text.starts_with('-'))
        return before(text.substr(1), now_usec);
    if (text.ends_with(ago))
        return before(text.substr(0, text.size() - ago.size()), now_usec);
    if (text.starts_with('@')) {
        const auto seconds = parse_integer(text.substr(1), {.least = 0, .most = 1LL << 40});
        if (!seconds)
            return {};
        return static_cast<std::uint64_t>(*seconds) * usec_per_second;
    }
    return parse_date(std::string{text}, now_usec);
}

std::string date_text(std::uint64_t realtime_usec) {
    const auto parts = local(realtime_usec);
    return parts ? fmt::format("{:%a %F %T}", *parts) : "?";
}

std::string clock_text(std::uint64_t realtime_usec) {
    const auto parts = local(realtime_usec);
    return parts ? fmt::format("{:%T}", *parts) : "?";
}

} // namespace reapd
