// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// All settings from all files: reapd.conf with its drop-ins, the rules, and what systemd-oomd has
/// of its own.

#include "settings/diagnostic.hpp"
#include "settings/rule.hpp"
#include "settings/rule_file.hpp"

#include <string>
#include <vector>

namespace reapd {

struct Loaded {
    Policy policy{};
    std::vector<Diagnostic> diagnostics{};
    bool builtin = false; ///< no rule was left, so the shipped rules run from memory

    /// Whether anything is wrong: a reload then keeps what it had.
    bool failed() const noexcept;
};

/// Reads every settings file below `root` ("" for the system's own): reapd/reapd.conf and
/// reapd/rules.d/*.rule in /etc, /run, /usr/local/lib and /usr/lib, with their drop-ins.
///
/// Of systemd-oomd, systemd/oomd.conf gives defaults that reapd.conf may change, and
/// systemd/oomd/rules.d/*.oomrule the rules that units name; both can only lead to notes.
///
/// Never fails as a whole: a broken rule is left out, a broken key of reapd.conf has its
/// default, both are in `diagnostics`. Rules are in the order of their file names. With no rule
/// left the policy holds the shipped ones.
Loaded load_settings(const std::string& root, const KernelOffers& kernel = {});

} // namespace reapd
