// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Rules from what units ask for with ManagedOOM*: those that ask for the same share one rule.

#include "managed/managed.hpp"
#include "settings/rule.hpp"

#include <set>
#include <span>
#include <string>
#include <vector>

namespace reapd {

/// With the defaults and the *.oomrule of `policy`; none when it says ManagedOOM=no. What root asks
/// for comes first, and each has the same name whenever it is asked for again, so that what a watch
/// has seen outlives a change elsewhere.
///
/// ManagedOOMMemoryPressure=kill becomes a full stall of so much over 10 s that lasts for so long;
/// ManagedOOMSwap=kill becomes used memory and used swap above SwapUsedLimit=, both.
/// OOMRules= becomes what the named file says; a name without one is in `unknown`, once.
/// Source: systemd.resource-control(5), oomd.conf(5).
std::vector<Rule> managed_rules(std::span<const Claim> claims, const Policy& policy,
                                std::set<std::string>& unknown);

} // namespace reapd
