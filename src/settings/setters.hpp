// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the rows of the tables share: moving a parsed value to its place.

#include "settings/values.hpp"

#include <optional>
#include <string>
#include <utility>

namespace reapd {

template <class T, class Source>
std::string assign(T& place, Parsed<Source>&& parsed) {
    if (!parsed)
        return std::move(parsed.error());
    place = static_cast<T>(std::move(*parsed));
    return {};
}

/// For settings without a default: nothing unsets.
template <class T>
std::string assign_or_unset(std::optional<T>& place, std::string_view text,
                            Parsed<T> (*parse)(std::string_view)) {
    if (!text.empty())
        return assign(place, parse(text));
    place.reset();
    return {};
}

enum class Root : bool { Refused, Allowed };

/// Adds the globs of `text` to `list`; nothing empties it.
std::string add_globs(std::vector<std::string>& list, std::string_view text, Root root);

/// Adds the CPUs of `text` to `list`, which is in order and has none twice; nothing empties it.
std::string add_cpus(std::vector<std::uint16_t>& list, std::string_view text);

/// Adds the users of `text` to `list`; nothing empties it.
std::string add_users(std::vector<std::uint32_t>& list, std::string_view text);

} // namespace reapd
