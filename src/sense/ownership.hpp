// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Who a cgroup belongs to, and what its owner asks for it.

#include "sense/table.hpp"

#include <cstdint>

namespace reapd {

struct Ownership {
    std::uint32_t owner = 0;
    Wish wish = Wish::None;
    bool operator==(const Ownership&) const = default;
};

/// Of an open cgroup directory: its user and the attributes user.oomd_omit and user.oomd_avoid, of
/// which the first wins. What cannot be read belongs to root, who asks for nothing.
/// Source: systemd.resource-control(5), ManagedOOMPreference=.
Ownership read_ownership(int dir) noexcept;

} // namespace reapd
