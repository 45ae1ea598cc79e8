// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the Freezer's two source files share: the one that may allocate, and the one that must not.

#include "act/freezer.hpp"
#include "act/futex.hpp"
#include "act/own_thread.hpp"
#include "base/fd.hpp"

#include <array>
#include <atomic>

namespace reapd {

struct Freezer::State {
    int nice = 0;
    OwnThread thread{};
    Fd dir{}; ///< the caller's until it is posted, then the thread's until idle
    std::array<char, 208> by{};
    std::size_t by_length = 0;
    Microseconds patience{};
    FutexWord posted{0};
    std::atomic<bool> busy{false};
    std::atomic<bool> still{false};
    std::atomic<int> error{0};
    std::atomic<bool> given_up{false}; ///< nothing more is to be done about `dir`
    std::atomic<bool> stopping{false};
};

} // namespace reapd
