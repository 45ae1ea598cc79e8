// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What systemd-oomd left in oomd.conf and its drop-ins: the defaults for units, which count where
/// reapd.conf says nothing else. The file is not ours, so nothing in it is an error. Bytes in,
/// values out.

#include "settings/config_files.hpp"
#include "settings/rule.hpp"

#include <span>
#include <vector>

namespace reapd {

/// Puts the settings of ours that `files` have into `config`. Other settings are passed over; a
/// value that is not understood is noted and leaves the default.
void apply_oomd_conf(std::span<const SettingsFile> files, Config& config,
                     std::vector<Diagnostic>& diagnostics);

} // namespace reapd
