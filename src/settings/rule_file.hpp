// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The text of a rule and its drop-ins, as a rule. Bytes in, values out.

#include "settings/combinations.hpp"
#include "settings/config_files.hpp"
#include "settings/rule.hpp"
#include "settings/table.hpp"

#include <optional>
#include <span>

namespace reapd {

/// A rule while its files are read.
struct RuleDraft {
    Rule rule{};
    bool enabled = true;
};

std::span<const Setting<RuleDraft>> rule_settings() noexcept;

/// The rule `name` of `files`: its own file first, then its drop-ins.
///
/// @return nothing if it is switched off, or if any error is among the new diagnostics
std::optional<Rule> make_rule(const std::string& name, std::span<const SettingsFile> files,
                              std::vector<Diagnostic>& diagnostics,
                              const KernelOffers& kernel = {});

} // namespace reapd
