// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace reapd {

/// What a hint says of memory with process_madvise(2).
enum class Advice : std::uint8_t {
    Auto,    ///< of anonymous memory what Pageout says, of files what Cold says
    Cold,    ///< the next that reclaim takes
    Pageout, ///< to be taken at once
};

} // namespace reapd
