// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Globs that no cgroup matches: a misspelt name, or something that comes later.

#include "settings/ini.hpp"

#include <span>

namespace reapd {

/// The paths of all cgroups below `mount` ("/sys/fs/cgroup"), which need not exist; without a
/// slash in front, "" for the root.
std::vector<std::string> list_cgroups(const std::string& mount);

/// Notes each glob in `ini` that matches none of `cgroups`; nothing if there are none, since then
/// nothing is known.
void note_unmatched(const Ini& ini, std::span<const std::string> cgroups,
                    std::vector<Diagnostic>& diagnostics);

} // namespace reapd
