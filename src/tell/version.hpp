// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace reapd {

/// Of this program, from the build: "0.1.0".
const char* version() noexcept;

} // namespace reapd
