// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Which lines of several files have an effect in the end: what a later one replaces or takes back
/// is nothing to talk about.

#include "settings/config_files.hpp"
#include "settings/table.hpp"

#include <span>

namespace reapd {

/// `files` in the order in which they are read, with what is left of each: of a key that takes one
/// value the last one, of a list what comes after the last empty one.
std::vector<Ini> in_force(std::span<const SettingsFile> files, std::span<const SettingName> names);

} // namespace reapd
