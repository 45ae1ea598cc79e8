// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/complaint.hpp"

#include <algorithm>
#include <vector>

namespace reapd {
namespace {

// No key or word is half as long, so a longer text is no misspelling of one.
constexpr std::size_t longest_name = 64;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

} // namespace

std::string quote(std::string_view text) {
    constexpr std::size_t longest = 80;
    if (text.size() <= longest)
        return "'" + std::string{text} + "'";
    return "'" + std::string{text.substr(0, longest)} + "…'";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Three rows of the usual matrix: the distance between prefixes of `a` and of `b`. The oldest
    // is there for swapped neighbours.
    std::vector<std::size_t> oldest(b.size() + 1);
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        now[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(oldest, before);
        std::swap(before, now);
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            now[j] = std::min({before[j] + 1, now[j - 1] + 1, before[j - 1] + (same ? 0U : 1U)});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                now[j] = std::min(now[j], oldest[j - 2] + 1);
        }
    }
    return now[b.size()];
}

std::string_view nearest(std::string_view text, std::span<const std::string_view> names) {
    std::string_view best;
    // A third of the letters may be wrong; in short words two.
    std::size_t limit = std::max<std::size_t>(2, text.size() / 3);
    if (text.empty() || text.size() > longest_name)
        return best;
    for (const std::string_view name : names) {
        const std::size_t distance = edit_distance(text, name);
        if (distance > limit || distance >= name.size())
            continue;
        best = name;
        limit = distance == 0 ? 0 : distance - 1;
        if (distance == 0)
            break;
    }
    return best;
}

} // namespace reapd
