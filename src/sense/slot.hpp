// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What front and guard call a cgroup between them: a small number, given again after its removal.

#include <cstdint>

namespace reapd {

using Slot = std::uint32_t;
constexpr Slot no_slot = ~Slot{0};

} // namespace reapd
