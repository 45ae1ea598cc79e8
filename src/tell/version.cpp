// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/version.hpp"

namespace reapd {

// Alone in its file, so that a new version compiles one file again.
const char* version() noexcept { return REAPD_VERSION; }

} // namespace reapd
