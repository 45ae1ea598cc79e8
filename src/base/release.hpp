// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace reapd {

/// Whether the memory of the dead is taken back with process_mrelease(2).
enum class Release : std::uint8_t {
    Yes,     ///< at once and whole
    Bounded, ///< in pieces with pauses, if the kernel can; else as Yes
    No,
};

} // namespace reapd
