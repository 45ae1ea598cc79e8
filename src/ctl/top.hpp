// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// `reapctl top`: the daemon's view, again and again. It asks the daemon and reads no cgroups, so
/// it is no load of its own where load hurts.

#include "ctl/verbs.hpp"

namespace reapd {

Outcome run_top(const Command& command);

} // namespace reapd
