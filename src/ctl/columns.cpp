// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/columns.hpp"

#include "ctl/fit.hpp"

#include <algorithm>

namespace reapd {
namespace {

std::string line_of(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        line += row[i];
        if (i + 1 < row.size())
            line.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    return line;
}

} // namespace

std::size_t width_of(std::string_view text) {
    // All bytes but the continuations of a character.
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

std::vector<std::string> Columns::lines(const Paint& paint, bool legend, std::string_view indent,
                                        std::optional<Room> room) const {
    std::vector<std::size_t> widths(head_.size(), 0);
    const auto widen = [&widths](const std::vector<std::string>& row) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width_of(row[i]));
    };
    if (legend)
        widen(head_);
    for (const auto& row : rows_)
        widen(row);
    std::size_t before = width_of(indent);
    for (std::size_t i = 0; i + 1 < widths.size(); ++i)
        before += widths[i] + 2;

    std::vector<std::string> all;
    if (legend)
        all.push_back(std::string{indent} + paint(Colour::Bold, line_of(head_, widths)));
    for (auto row : rows_) {
        if (room && before + width_of(row.back()) > room->width)
            row.back() = elide(row.back(), room->width - std::min(room->width, before), room->mark);
        all.push_back(std::string{indent} + line_of(row, widths));
    }
    return all;
}

std::string Columns::text(const Paint& paint, bool legend, std::string_view indent) const {
    std::string all;
    for (const std::string& line : lines(paint, legend, indent))
        all += line + "\n";
    return all;
}

std::string Columns::listing(const Paint& paint, bool legend, std::string_view noun) const {
    if (!legend)
        return text(paint, false);
    return text(paint, true) + '\n' + std::to_string(rows_.size()) + ' ' + std::string{noun} +
           (rows_.size() == 1 ? "" : "s") + " listed.\n";
}

} // namespace reapd
