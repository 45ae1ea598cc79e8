// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/glob.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace reapd {
namespace {

// A leading dot and a backslash are ordinary characters of cgroup names.
constexpr int flags = FNM_PATHNAME | FNM_NOESCAPE;

} // namespace

bool matches(std::string_view pattern, std::string_view path, bool anywhere) {
    if (pattern == "/" || path.empty())
        return pattern == "/" && path.empty();
    const std::string glob{pattern.starts_with('/') ? pattern.substr(1) : pattern};
    const std::string text{path};
    if (::fnmatch(glob.c_str(), text.c_str(), flags) == 0)
        return true;
    if (!anywhere || pattern.find('/') != std::string_view::npos || is_named_by_user(text))
        return false;
    const std::size_t slash = text.rfind('/');
    return slash != std::string::npos &&
           ::fnmatch(glob.c_str(), text.c_str() + slash + 1, flags) == 0;
}

bool is_named_by_user(std::string_view path) {
    const std::string text{path};
    return ::fnmatch("user.slice/user-*.slice/user@*.service", text.c_str(),
                     flags | FNM_LEADING_DIR) == 0 &&
           std::ranges::count(text, '/') > 2;
}

bool matches_any(std::span<const std::string> patterns, std::string_view path, bool anywhere) {
    return std::ranges::any_of(
        patterns, [&](const std::string& pattern) { return matches(pattern, path, anywhere); });
}

bool covers(std::span<const std::string> patterns, std::string_view path) {
    for (std::size_t end = path.find('/'); end != std::string_view::npos;
         end = path.find('/', end + 1))
        if (matches_any(patterns, path.substr(0, end), true))
            return true;
    return matches_any(patterns, path, true);
}

} // namespace reapd
