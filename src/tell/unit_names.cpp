// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/report.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace reapd {
namespace {

bool valid_unit_name(std::string_view name) {
    constexpr std::size_t longest = 255; // UNIT_NAME_MAX of systemd, without its NUL
    constexpr std::string_view allowed = "0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@";
    constexpr std::array<std::string_view, 6> types{".service", ".scope", ".slice",
                                                    ".socket",  ".mount", ".swap"};
    return name.size() <= longest && name.find_first_not_of(allowed) == std::string_view::npos &&
           std::ranges::any_of(types, [name](std::string_view type) {
               return name.size() > type.size() && name.ends_with(type);
           });
}

/// Takes components off `rest` up to and with the first unit that is no slice.
/// @return that unit, or the last slice before anything else; empty when there is neither
std::string take_unit(std::string_view& rest) {
    std::string slice;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        std::string_view component = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        // systemd puts "_" before a unit that is named like a file of the kernel's.
        if (component.starts_with('_'))
            component.remove_prefix(1);
        // What lies below something that is no unit was named by its owner: it proves nothing.
        if (!valid_unit_name(component))
            break;
        if (!component.ends_with(".slice"))
            return std::string{component};
        slice = component;
    }
    rest = {};
    return slice;
}

} // namespace

UnitNames units_of(std::string_view path) {
    if (path.starts_with('/'))
        path.remove_prefix(1);
    UnitNames units;
    units.system = take_unit(path);
    if (units.system.starts_with("user@") && units.system.ends_with(".service"))
        units.user = take_unit(path);
    return units;
}

std::optional<uid_t> user_of(std::string_view path) {
    constexpr std::string_view begin = "user.slice/user-";
    constexpr std::string_view end = ".slice";
    if (path.starts_with('/'))
        path.remove_prefix(1);
    if (!path.starts_with(begin))
        return {};
    path.remove_prefix(begin.size());
    path = path.substr(0, path.find('/'));
    if (!path.ends_with(end))
        return {};
    path.remove_suffix(end.size());
    uid_t user = 0;
    const auto [rest, error] = std::from_chars(path.data(), path.data() + path.size(), user);
    if (error != std::errc{} || rest != path.data() + path.size())
        return {};
    return user;
}

} // namespace reapd
