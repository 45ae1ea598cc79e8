// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A text of parts that is to fit one screen: where it does not, the longest parts leave out what
/// matters least and say so. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace reapd {

struct ScreenSize {
    std::size_t width = 80;
    std::size_t height = 24;
};

struct Item {
    std::vector<std::string> lines{};
    double weight = 0; ///< the lightest are left out first, of equals the last
};

struct Part {
    std::vector<std::string> head{}; ///< lines that stay
    std::vector<Item> items{};       ///< one of them stays
    std::string more{};              ///< said after "and N more"; empty: nothing is said
};

/// As text with an end to each line. Without a screen nothing is left out. One line of the screen
/// stays free, for the shell that asks what comes next.
std::string screenful(std::vector<Part> parts, const std::optional<ScreenSize>& screen);

} // namespace reapd
