// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Rules from what units ask for with ManagedOOM*: those that ask for the same share one rule.

#include "managed/managed.hpp"
#include "settings/rule.hpp"

#include <set>
#include <string>
#include <vector>

namespace reapd {

struct ManagedRules {
    std::vector<Rule> rules{};
    std::set<std::string> unknown{}; ///< named by OOMRules=, and there is no such file
    bool crowded = false;            ///< users asked for more than is watched
};

/// Each user may have so many cgroups watched (once for each thing that is asked for it), and all
/// users together; what root asks for is not counted.
constexpr std::size_t most_of_one_user = 32;
constexpr std::size_t most_of_all_users = 256;

/// So many limits and names of its own each user may come with; a policy has room for 64.
constexpr std::size_t most_rules_of_one_user = 4;

/// With the defaults and the *.oomrule of `policy`; none when it says ManagedOOM=no. What root asks
/// for comes first, and each has the same name whenever it is asked for again, so that what a watch
/// has seen outlives a change elsewhere.
///
/// ManagedOOMMemoryPressure=kill becomes a full stall of so much over 10 s that lasts for so long;
/// ManagedOOMSwap=kill becomes used memory and used swap above SwapUsedLimit=, both. OOMRules=
/// becomes what the named file says.
/// Source: systemd.resource-control(5), oomd.conf(5).
ManagedRules managed_rules(std::vector<Claim> claims, const Policy& policy);

} // namespace reapd
