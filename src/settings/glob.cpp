// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/glob.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace reapd {

bool matches(std::string_view pattern, std::string_view path, bool anywhere) {
    const std::string glob{pattern.starts_with('/') ? pattern.substr(1) : pattern};
    const std::string text{path};
    // A leading dot and a backslash are ordinary characters of cgroup names.
    constexpr int flags = FNM_PATHNAME | FNM_NOESCAPE;
    if (::fnmatch(glob.c_str(), text.c_str(), flags) == 0)
        return true;
    if (!anywhere || glob.find('/') != std::string::npos)
        return false;
    const std::size_t slash = text.rfind('/');
    return slash != std::string::npos &&
           ::fnmatch(glob.c_str(), text.c_str() + slash + 1, flags) == 0;
}

bool matches_any(std::span<const std::string> patterns, std::string_view path, bool anywhere) {
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return matches(pattern, path, anywhere); });
}

} // namespace reapd
