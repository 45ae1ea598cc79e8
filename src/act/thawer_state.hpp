// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the Thawer's two source files share: the one that may allocate, and the one that must not.

#include "act/futex.hpp"
#include "act/own_thread.hpp"
#include "act/thawer.hpp"

namespace reapd {

struct Thawer::State {
    /// What is armed belongs to the thread while it is Thawing, else to who arms.
    enum Turn : std::uint32_t { Idle, Armed, Thawing, Stopping };

    FutexWord turn{Idle};
    const Fd* file = nullptr;
    TimePoint when{};
    OwnThread thread{};
};

} // namespace reapd
