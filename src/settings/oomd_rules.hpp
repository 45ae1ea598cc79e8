// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The rules of systemd-oomd (systemd 261 and later, *.oomrule), which units name with OOMRules=.
/// Bytes in, values out. The files are not ours, so nothing in them is an error.

#include "settings/config_files.hpp"
#include "settings/rule.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

constexpr std::string_view oomd_rule_suffix = ".oomrule";

/// The rule in `file`. One with anything in it that is not understood would kill at other times
/// than its author meant, so it is left out with a note.
std::optional<OomdRule> make_oomd_rule(const SettingsFile& file,
                                       std::vector<Diagnostic>& diagnostics);

/// All rules below `root`, by their names.
std::map<std::string, OomdRule> load_oomd_rules(const std::string& root,
                                                std::vector<Diagnostic>& diagnostics);

} // namespace reapd
