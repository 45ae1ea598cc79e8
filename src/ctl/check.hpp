// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// `reapctl check`: what is wrong with settings, before they are in force. Needs neither the
/// daemon nor the bus.

#include "settings/diagnostic.hpp"

#include <span>
#include <string>
#include <vector>

namespace reapd {

struct Checked {
    std::vector<Diagnostic> messages{};
    std::string text{};   ///< one line per message
    std::string totals{}; ///< a line that counts them
    bool failed = false;  ///< whether any of them is an error
};

/// Checks `paths`, or if there are none all that the daemon would load below `root` ("" for the
/// system's own). The cgroups that globs should match are those of `root`, too.
Checked check(const std::string& root, std::span<const std::string> paths);

} // namespace reapd
