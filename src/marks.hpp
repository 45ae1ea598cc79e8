// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What a policy says about a path, worked out once by the front, so that the guard needs no names.

#include "sense/ownership.hpp"
#include "sense/table.hpp"
#include "settings/rule.hpp"

#include <string>
#include <string_view>

namespace reapd {

/// Whether `path` is the cgroup `of` or holds it. Both without a leading slash; "" is the root.
bool is_self_or_ancestor(std::string_view path, std::string_view of);

/// `path` and `own` (reapd's own cgroup) are from the hierarchy's root, without a leading slash.
/// `wish_of_root`: the wish in `ownership` is of the system's service manager. What is essential
/// below a user's service manager is to be omitted as if he wished so, which is not at the expense
/// of others: there he can start anything under any name.
Marks marks_of(const Policy& policy, std::string_view path, std::string_view own,
               const Ownership& ownership = {}, bool wish_of_root = false);

/// A policy for a machine without PSI: rules that also look at amounts go on with the amounts
/// alone, at half of their limits, because pressure no longer says when a low amount hurts. Rules
/// with pressure alone cannot work and are left out; their names are in `lost`.
Policy without_pressure(Policy policy, std::vector<std::string>& lost);

} // namespace reapd
