// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The text of reapd.conf and its drop-ins, as a Config. Bytes in, values out.

#include "settings/config_files.hpp"
#include "settings/rule.hpp"
#include "settings/table.hpp"

#include <span>

namespace reapd {

std::span<const Setting<Config>> config_settings() noexcept;

/// What holds without any file: the fallbacks of the table.
Config default_config();

/// `files` in the order in which they were found, on top of `config`. Whatever is wrong in them is
/// left out.
Config make_config(std::span<const SettingsFile> files, std::vector<Diagnostic>& diagnostics,
                   Config config = default_config());

} // namespace reapd
