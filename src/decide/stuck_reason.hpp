// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Why nothing was done although a rule's conditions hold.

#include <cstdint>

namespace reapd {

enum class StuckReason : std::uint8_t {
    None,
    NoCandidate,  ///< nothing there, or nothing large enough
    AllProtected, ///< whatever is there must live
    Useless,      ///< MaxUseless= kills in a row did not help
    Failed,       ///< the kill could not be done; known only after the decision
};

} // namespace reapd
