// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/screenful.hpp"

#include <algorithm>
#include <span>

namespace reapd {
namespace {

struct Shown {
    Part part{};
    std::size_t left_out = 0;

    bool says_more() const { return left_out > 0 && !part.more.empty(); }

    std::size_t height() const {
        std::size_t lines = part.head.size() + (says_more() ? 1 : 0);
        for (const Item& item : part.items)
            lines += item.lines.size();
        return lines;
    }

    void leave_one_out() {
        const auto lightest =
            std::ranges::min_element(part.items.rbegin(), part.items.rend(), {}, &Item::weight);
        part.items.erase(std::next(lightest).base());
        ++left_out;
    }
};

std::size_t height_of(const std::vector<Shown>& parts) {
    std::size_t lines = 0;
    for (const Shown& shown : parts)
        lines += shown.height();
    return lines;
}

/// The longest part that has something to leave out.
Shown* longest(std::vector<Shown>& parts) {
    Shown* found = nullptr;
    for (Shown& shown : parts)
        if (shown.part.items.size() > 1 && (!found || shown.height() > found->height()))
            found = &shown;
    return found;
}

void append(std::string& text, std::span<const std::string> lines) {
    for (const std::string& line : lines)
        text += line + "\n";
}

} // namespace

std::string screenful(std::vector<Part> parts, const std::optional<ScreenSize>& screen) {
    std::vector<Shown> all;
    all.reserve(parts.size());
    for (Part& part : parts)
        all.push_back({.part = std::move(part)});
    if (screen)
        while (height_of(all) >= screen->height) {
            Shown* const shown = longest(all);
            if (!shown)
                break;
            shown->leave_one_out();
        }
    std::string text;
    for (const Shown& shown : all) {
        append(text, shown.part.head);
        for (const Item& item : shown.part.items)
            append(text, item.lines);
        if (shown.says_more())
            text += "  and " + std::to_string(shown.left_out) + " more" + shown.part.more + "\n";
    }
    return text;
}

} // namespace reapd
