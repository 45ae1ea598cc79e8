// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Release=bounded where the kernel cannot do it.

#include "settings/config_files.hpp"

#include <optional>
#include <string_view>

namespace reapd {

constexpr std::string_view bounded_release_missing =
    "this kernel's process_mrelease takes no bounds, so memory is taken back as with Release=yes";

/// Notes each Release=bounded in `file` if it is known that the kernel has no such thing.
void note_bounded_release(const SettingsFile& file, std::optional<bool> offered,
                          std::vector<Diagnostic>& diagnostics);

} // namespace reapd
