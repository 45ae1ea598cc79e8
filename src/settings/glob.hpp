// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Globs on cgroup paths.

#include <span>
#include <string>
#include <string_view>

namespace reapd {

/// Whether `path` (from the cgroup root, no leading slash, "" for the root) matches `pattern`.
///
/// "/" means the root, and nothing else matches it. `*` and `?` stay within one component, as in
/// a shell; a pattern matches the whole path. A pattern without any slash also matches the last
/// component alone if `anywhere` is set (for Essential=, Protect= and ProcessesIn=), but not
/// below a user's service manager: there an unprivileged user chooses the names, and would make
/// his hog untouchable by calling it dbus.service.
bool matches(std::string_view pattern, std::string_view path, bool anywhere = false);

/// Whether `path` lies below a user's service manager, where that user chooses the names.
bool is_named_by_user(std::string_view path);

bool matches_any(std::span<const std::string> patterns, std::string_view path,
                 bool anywhere = false);

/// Whether a pattern matches `path` or what it lies in, anywhere: what is in such a cgroup is part
/// of it. "/" covers itself only.
bool covers(std::span<const std::string> patterns, std::string_view path);

} // namespace reapd
