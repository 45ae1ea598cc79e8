// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/glob.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace reapd {
namespace {

// A leading dot and a backslash are ordinary characters of cgroup names.
constexpr int flags = FNM_PATHNAME | FNM_NOESCAPE;

/// Below a user's service manager that user chooses the names of cgroups.
bool named_by_user(const std::string& path) noexcept {
    return ::fnmatch("user.slice/user-*.slice/user@*.service", path.c_str(),
                     flags | FNM_LEADING_DIR) == 0 &&
           std::ranges::count(path, '/') > 2;
}

} // namespace

bool matches(std::string_view pattern, std::string_view path, bool anywhere) {
    if (pattern == "/" || path.empty())
        return pattern == "/" && path.empty();
    const std::string glob{pattern.starts_with('/') ? pattern.substr(1) : pattern};
    const std::string text{path};
    if (::fnmatch(glob.c_str(), text.c_str(), flags) == 0)
        return true;
    if (!anywhere || pattern.find('/') != std::string_view::npos || named_by_user(text))
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
