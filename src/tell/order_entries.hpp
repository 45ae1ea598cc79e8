// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Journal entries of what a person ordered and the front did itself, and of what no rule decided.

#include "tell/bus_authority.hpp"
#include "tell/journal.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace reapd {

/// "Froze /a.service, as user 1000 (process 4321) asked." `cgroup` is escaped.
Entry frozen_entry(std::string_view cgroup, bool frozen, const Requester& requester);

/// "Thawed /a.service: reapd had ended while a rule kept it frozen." `cgroup` is escaped.
Entry left_frozen_entry(std::string_view cgroup);

/// "Settings reloaded: 3 rules." Nobody asked by name when it was SIGHUP.
Entry reloaded_entry(std::size_t rules, const std::optional<Requester>& requester);

} // namespace reapd
