// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Settings looked at without putting them in force, for people who write them. Says all the
/// daemon would say, and what only matters before: that a name is wrong, or a glob finds nothing.

#include "settings/diagnostic.hpp"
#include "settings/out_of_reach.hpp"
#include "settings/rule_file.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reapd {

/// Where the settings are to work.
struct TargetMachine {
    std::span<const std::string> cgroups{}; ///< as of list_cgroups(); none: unknown
    std::optional<Amounts> amounts{};
    KernelOffers kernel{};
};

/// What is wrong or remarkable about the file at `path`, as a rule with its own drop-ins, a rule's
/// drop-in or reapd.conf: its name says which. Of a directory, about all such files in it.
std::vector<Diagnostic> check_path(const std::string& path, const TargetMachine& around);

/// The same about every file below `root` that the daemon would load.
std::vector<Diagnostic> check_system(const std::string& root, const TargetMachine& around);

} // namespace reapd
