// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What a reapd that has ended, in whatever way, left frozen because a rule wanted it so for a
/// while. Nobody remembers any more when that while is over, so it is thawed: when reapd ends, by
/// ExecStopPost= of its unit when it was killed, and at the next start.

#include "base/fd.hpp"

#include <string>
#include <vector>

namespace reapd {

/// Goes through the whole hierarchy. Returns whom it thawed, as paths from the hierarchy's root
/// without a leading slash, bytes as they are.
std::vector<std::string> thaw_left_frozen(const Fd& hierarchy);

} // namespace reapd
