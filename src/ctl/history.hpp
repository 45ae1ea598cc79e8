// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// `reapctl history`: what the daemon did, from the journal.

#include "ctl/verbs.hpp"

namespace reapd {

Outcome run_history(const Command& command);

} // namespace reapd
