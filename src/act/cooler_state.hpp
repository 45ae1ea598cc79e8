// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the Cooler's two source files share: the one that may allocate, and the one that must not.

#include "act/cooler.hpp"
#include "act/futex.hpp"
#include "act/hint.hpp"
#include "act/own_thread.hpp"

#include <atomic>

namespace reapd {

struct Cooler::State {
    /// Whose turn it is. Order and directory belong to the guard until Ordered, the result to the
    /// thread until Ended.
    enum Turn : std::uint32_t { Idle, Ordered, Ended, Stopping };

    Fd proc{};
    Fd ended{}; ///< eventfd
    FutexWord turn{Idle};
    std::atomic<bool> cancelled{false};
    Fd dir{};
    CoolingOrder order{};
    CoolingResult result{};
    HintScratch scratch{};
    Thawer thawer{};
    OwnThread thread{};
};

} // namespace reapd
