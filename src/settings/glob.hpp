// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Globs on cgroup paths.

#include <span>
#include <string>
#include <string_view>

namespace reapd {

/// Whether `path` (from the cgroup root, no leading slash, "" for the root) matches `pattern`.
///
/// "/" means the root. `*` and `?` stay within one component, as in a shell; a pattern
/// matches the whole path. Without a slash in it a pattern may also match the last component
/// alone if `anywhere` is set (for lists of units such as Essential=).
bool matches(std::string_view pattern, std::string_view path, bool anywhere = false);

bool matches_any(std::span<const std::string> patterns, std::string_view path,
                 bool anywhere = false);

} // namespace reapd
