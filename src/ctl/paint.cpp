// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/paint.hpp"

#include <algorithm>
#include <array>

namespace reapd {
namespace {

const char* start_of(Colour colour) {
    switch (colour) {
    case Colour::Red:
        return "\x1b[31;1m";
    case Colour::Green:
        return "\x1b[32;1m";
    case Colour::Yellow:
        return "\x1b[33;1m";
    case Colour::Bold:
        return "\x1b[1m";
    case Colour::Faint:
        return "\x1b[90m";
    }
    return "";
}

} // namespace

bool wants_colour(const ColourWish& wish) {
    if (wish.systemd_colors && *wish.systemd_colors) {
        constexpr std::array<std::string_view, 6> no{"0", "no", "n", "false", "f", "off"};
        const std::string_view given = wish.systemd_colors;
        // "auto-16" and its like name a palette for terminals only.
        if (given.starts_with("auto-"))
            return wish.terminal;
        return std::ranges::find(no, given) == no.end();
    }
    if (wish.no_color || !wish.terminal)
        return false;
    return !wish.term || std::string_view{wish.term} != "dumb";
}

std::string Paint::operator()(Colour colour, std::string_view text) const {
    if (!on_)
        return std::string{text};
    return start_of(colour) + std::string{text} + "\x1b[0m";
}

} // namespace reapd
