// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/program.hpp"

#include "base/escape.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace reapd {
namespace {

/// "name.scope" as its name and its type.
std::pair<std::string_view, std::string_view> split_type(std::string_view unit) {
    const std::size_t dot = unit.rfind('.');
    if (dot == std::string_view::npos)
        return {unit, {}};
    return {unit.substr(0, dot), unit.substr(dot + 1)};
}

/// Does it end in "-" and a UUID, as the units of snaps do?
bool ends_in_uuid(std::string_view name) {
    constexpr std::string_view form = "-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (name.size() < form.size())
        return false;
    name.remove_prefix(name.size() - form.size());
    return std::ranges::equal(name, form, [](char c, char wanted) {
        constexpr std::string_view hex = "0123456789abcdefABCDEF";
        return wanted == '-' ? c == '-' : hex.find(c) != std::string_view::npos;
    });
}

/// What was put behind the name to make the unit one of its kind.
std::string_view without_random(std::string_view name, std::string_view type) {
    if (type == "service")
        return name.substr(0, name.find('@'));
    if (type != "scope")
        return name;
    constexpr std::size_t uuid = 37; // with its "-"
    return name.substr(0, ends_in_uuid(name) ? name.size() - uuid : name.rfind('-'));
}

std::string_view last_part(std::string_view text, char separator) {
    const std::size_t at = text.rfind(separator);
    return at == std::string_view::npos ? text : text.substr(at + 1);
}

/// The application that a unit is, by the names of desktops and of snaps.
std::optional<Program> application(std::string_view unit) {
    constexpr std::string_view of_desktop = "app-";
    constexpr std::string_view of_snap = "snap.";
    auto [name, type] = split_type(unit);
    name = without_random(name, type);
    if (name.starts_with(of_desktop)) {
        name.remove_prefix(of_desktop.size());
        const std::string id = unescape(last_part(name, '-'));
        if (id.empty())
            return {};
        return Program{.id = id, .name = std::string{last_part(id, '.')}};
    }
    if (!name.starts_with(of_snap))
        return {};
    // snap.PACKAGE.APPLICATION, whose file is PACKAGE_APPLICATION.desktop.
    name.remove_prefix(of_snap.size());
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos)
        return {};
    std::string id{name};
    id[dot] = '_';
    return Program{.id = std::move(id), .name = std::string{name.substr(dot + 1)}};
}

} // namespace

Program program_of(std::string_view path) {
    std::string_view rest = path;
    while (!rest.empty()) {
        const std::string_view unit = last_part(rest, '/');
        // Above it are units of the system's manager, which no desktop names.
        if (unit.starts_with("user@"))
            break;
        if (std::optional<Program> found = application(unit))
            return *found;
        rest.remove_suffix(std::min(rest.size(), unit.size() + 1));
    }
    const auto [name, type] = split_type(last_part(path, '/'));
    if (name.starts_with("session-") && type == "scope")
        return {.name = "A program in your login session"};
    if (name.empty())
        return {.name = "A program"};
    return {.name = unescape(name)};
}

} // namespace reapd
