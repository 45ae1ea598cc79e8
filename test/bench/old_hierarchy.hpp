// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Controllers of the old cgroup hierarchy: machines that boot with it have memory and cpu there
/// and not on the unified one, which all the rest of us uses.

#include <string>
#include <string_view>

namespace reapd::test {

/// Where `controller` of the old hierarchy is mounted, if we may make cgroups there; else empty.
std::string find_old(std::string_view controller);

} // namespace reapd::test
