// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Other daemons that kill when memory runs short. Two of them act on the same pressure, and both
/// kill for it; so reapd names those that run beside it. A service has a cgroup exactly while it
/// is active, so the tree that is followed anyway tells when one comes and goes.

#include "tell/journal.hpp"

#include <string>
#include <string_view>

namespace reapd {

inline constexpr std::string_view systemd_oomd = "systemd-oomd.service";

/// The service of such a daemon if `path` (raw, no leading slash) is its cgroup; else empty. It
/// may be in any slice of the system's manager; what users run below theirs is theirs.
std::string_view rival_at(std::string_view path) noexcept;

enum class RivalNews { Came, Went };

/// One journal entry, also shown under the other's unit.
Entry rival_entry(std::string_view unit, RivalNews news);

} // namespace reapd
