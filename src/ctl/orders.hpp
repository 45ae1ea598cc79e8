// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// `reapctl kill`, `freeze` and `thaw`: what a person orders. polkit may ask them who they are.

#include "ctl/verbs.hpp"

#include <functional>

namespace reapd {

/// Whether there is a cgroup of this name, which begins with a slash and is not escaped.
using Exists = std::function<bool(const std::string& path)>;

/// On the machine or in the container that the daemon looks after.
Exists cgroup_exists(const Service& service, const Options& options);

/// A cgroup as the bus wants it, from a path with or without its first slash: the name itself, as
/// systemd-cgls(1) and completion have it, if there is one; else the name as our tables show it.
std::string cgroup_argument(const std::string& text, const Exists& exists);

/// The refusal, and of a name that can be no cgroup's, as it has no slash, how cgroups are named.
Failure with_advice(Failure refusal, const std::string& text);

/// @return the number of the kill
std::expected<std::uint64_t, Failure> order_kill(const Service& service, const std::string& cgroup,
                                                 const std::string& reason);

/// Whether that kill was told and not done.
bool was_dry_run(const Service& service, std::uint64_t id);

/// `member` is "Freeze" or "Thaw".
std::expected<void, Failure> order(const Service& service, const char* member,
                                   const std::string& cgroup);

Outcome run_kill(const Command& command);
Outcome run_freeze(const Command& command);
Outcome run_thaw(const Command& command);

} // namespace reapd
