// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/fit.hpp"

#include "ctl/columns.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace reapd {
namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// The byte where the character with this number begins.
std::size_t byte_of(std::string_view text, std::size_t character) {
    std::size_t at = 0;
    while (at < text.size() && character > 0) {
        do
            ++at;
        while (at < text.size() && continues(text[at]));
        --character;
    }
    return at;
}

std::string_view head(std::string_view text, std::size_t characters) {
    return text.substr(0, byte_of(text, characters));
}

std::string_view tail(std::string_view text, std::size_t characters) {
    return text.substr(byte_of(text, width_of(text) - characters));
}

/// The bytes of the character, or of the colour sequence, that begins there.
std::size_t length_at(std::string_view text, std::size_t at) {
    if (text[at] == '\x1b')
        return std::min(text.find('m', at), text.size() - 1) + 1 - at;
    return byte_of(text.substr(at), 1);
}

std::size_t width_without_colours(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size(); at += length_at(text, at))
        width += text[at] == '\x1b' ? 0U : 1U;
    return width;
}

constexpr std::size_t levels = 8;
constexpr std::array<std::string_view, levels> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, levels> letters{".", ":", "-", "=", "+", "*", "%", "#"};

} // namespace

std::string fit(std::string_view text, std::size_t width, std::string_view mark) {
    const std::size_t has = width_of(text);
    if (has <= width)
        return std::string{text} + std::string(width - has, ' ');
    const std::size_t room = width - std::min(width, width_of(mark));
    return std::string{head(text, room)} + std::string{head(mark, width - room)};
}

std::string fit_right(std::string_view text, std::size_t width) {
    const std::size_t has = width_of(text);
    return has >= width ? fit(text, width) : std::string(width - has, ' ') + std::string{text};
}

std::string cut(std::string_view text, std::size_t width, std::string_view mark) {
    if (width_without_colours(text) <= width)
        return std::string{text};
    const std::size_t room = width - std::min(width, width_of(mark));
    std::string all;
    std::size_t shown = 0;
    for (std::size_t at = 0; at < text.size(); at += length_at(text, at)) {
        const std::string_view part = text.substr(at, length_at(text, at));
        if (part.front() == '\x1b' || shown < room)
            all += part; // also what ends a colour behind the cut
        else if (shown == room)
            all += head(mark, width - room);
        shown += part.front() == '\x1b' ? 0U : 1U;
    }
    return all;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    while (width_of(text) > std::max<std::size_t>(width, 1)) {
        const std::size_t end = byte_of(text, std::max<std::size_t>(width, 1));
        const std::size_t space = text.substr(0, end + 1).rfind(' ');
        const bool broken = space == std::string_view::npos || space == 0;
        lines.emplace_back(text.substr(0, broken ? end : space));
        text.remove_prefix(broken ? end : space + 1);
    }
    lines.emplace_back(text);
    return lines;
}

std::string elide(std::string_view path, std::size_t width, std::string_view mark) {
    if (width_of(path) <= width || width <= width_of(mark))
        return fit(path, width, mark);
    const std::size_t room = width - width_of(mark);
    const std::size_t front = room / 3;
    return std::string{head(path, front)} + std::string{mark} +
           std::string{tail(path, room - front)};
}

std::string bars(const std::deque<double>& shares, std::size_t width, bool utf8) {
    const std::size_t count = std::min(width, shares.size());
    std::string all(width - count, ' ');
    for (std::size_t i = shares.size() - count; i < shares.size(); ++i) {
        const double level = std::ceil(std::clamp(shares[i], 0.0, 1.0) * levels);
        const std::size_t index = level < 1 ? 0 : static_cast<std::size_t>(level) - 1;
        all += (utf8 ? blocks : letters)[index];
    }
    return all;
}

} // namespace reapd
