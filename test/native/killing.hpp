// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A whole kill as the guard does it, under the eyes of the allocator hook.

#include "act/executioner.hpp"
#include "native/world.hpp"

#include <optional>
#include <span>

namespace reapd::test {

struct Killing {
    Collected collected = Collected::Denied;
    std::uint32_t found = 0;    ///< processes, before the kill
    std::optional<bool> done{}; ///< what poll() said last; unset: it was never executed
    KillResult result{};
};

/// A started Executioner; fails the test when it cannot start.
class Killer {
public:
    explicit Killer(const PoolSettings& settings = {});

    Executioner& executioner() noexcept { return executioner_; }

    /// Collects, executes if there is somebody, polls until done, finishes.
    Killing kill(const Cgroup& cgroup, const Orders& orders = {}, std::span<const pid_t> pids = {});

private:
    Fd proc_;
    Executioner executioner_;
};

} // namespace reapd::test
