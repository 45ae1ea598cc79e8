// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Text for a place of a given width, in characters as width_of() counts them. Pure.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// Cut at its end, or filled up with spaces.
std::string fit(std::string_view text, std::size_t width, std::string_view mark = "…");

/// Filled up on the left.
std::string fit_right(std::string_view text, std::size_t width);

/// Cut at its end where it is wider, else as it is. Colours, as Paint writes them, take no place.
std::string cut(std::string_view text, std::size_t width, std::string_view mark = "…");

/// In lines of that width at most, broken at spaces; a longer word is broken where it must be.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// A path cut in its middle: where it begins and what it is stay readable.
std::string elide(std::string_view path, std::size_t width, std::string_view mark = "…");

/// The newest `width` of the shares as bars, one character each, the last now.
std::string bars(const std::deque<double>& shares, std::size_t width, bool utf8);

} // namespace reapd
