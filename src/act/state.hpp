// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the Executioner's two source files share: the one that may allocate, and the one that
/// must not.

#include "act/executioner.hpp"
#include "act/pool.hpp"

#include <array>
#include <atomic>
#include <vector>

namespace reapd {

struct Executioner::State {
    Surroundings around{};
    std::vector<std::uint16_t> cpus{};
    // One at work, and three that threads in the kernel may still hold.
    std::array<Affair, 4> affairs{};
    Affair* current = nullptr;
    KillResult result{};
    TimePoint began{}; ///< when execute() was called
    TimePoint next_look{};
    bool executed = false;
    bool late = false; ///< nobody has answered yet whether the cgroup may die
    bool releases_posted = false;
    Pool pool{}; ///< last: its threads end before what they use
};

} // namespace reapd
