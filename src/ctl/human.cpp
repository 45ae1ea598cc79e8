// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/human.hpp"

#include "ctl/view.hpp"
#include "settings/rule_text.hpp"

#include <fmt/format.h>

namespace reapd {

using nlohmann::json;

namespace {

constexpr const char* none = "-";

std::string brief(std::uint64_t usec) {
    constexpr std::uint64_t ms = 1000;
    constexpr std::uint64_t s = 1000 * ms;
    // Cut, not rounded: "60.0s" would be a minute.
    const auto tenths = [usec](std::uint64_t unit) {
        return fmt::format("{}.{}", usec / unit, usec % unit * 10 / unit);
    };
    if (usec < ms)
        return fmt::format("{}us", usec);
    if (usec < s)
        return tenths(ms) + "ms";
    if (usec < 60 * s)
        return tenths(s) + "s";
    return span_text(Microseconds{static_cast<std::int64_t>(usec / s * s)});
}

} // namespace

std::string size_cell(const json& object, const char* key) {
    const auto bytes = number_of(object, key);
    return bytes ? size_text({*bytes}) : none;
}

std::string change_cell(const json& object, const char* key) {
    const json& value = member_of(object, key);
    if (!value.is_number_integer())
        return none;
    const auto bytes = value.get<std::int64_t>();
    const std::uint64_t size =
        bytes < 0 ? 0 - static_cast<std::uint64_t>(bytes) : static_cast<std::uint64_t>(bytes);
    return (bytes < 0 ? "-" : "+") + size_text({size});
}

std::string span_cell(const json& object, const char* key) {
    const auto usec = number_of(object, key);
    return usec ? brief(*usec) : none;
}

std::string permyriad_cell(const json& object, const char* key) {
    const auto share = number_of(object, key);
    return share ? fmt::format("{}.{:02}%", *share / 100, *share % 100) : none;
}

std::string share_cell(const json& object, const char* key) {
    const json& share = member_of(object, key);
    return share.is_number() ? fmt::format("{:.2f}%", share.get<double>() * 100) : none;
}

std::string count_cell(const json& object, const char* key) {
    const auto count = number_of(object, key);
    return count ? std::to_string(*count) : none;
}

std::string text_cell(const json& object, const char* key) {
    std::string text = text_of(object, key);
    return text.empty() ? none : text;
}

} // namespace reapd
