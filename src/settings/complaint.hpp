// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What messages about settings are made of: quotes of bounded length and the nearest valid name.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace reapd {

/// `text` in quotes, cut where it is too long to be read in a message.
std::string quote(std::string_view text);

/// How many single characters must be put in, taken out, replaced or swapped with their neighbour
/// to make `b` from `a`. Upper and lower case are the same.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The one of `names` that was probably meant by `text`; empty if none is near.
std::string_view nearest(std::string_view text, std::span<const std::string_view> names);

} // namespace reapd
