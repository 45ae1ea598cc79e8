// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Thaws what somebody holds still for a moment, should he be held up himself: by want of a CPU, or
/// by a call that takes long. A thread of its own, before all that the machine's users run, which
/// does nothing else. Not the guard: to thaw takes a lock of the kernel that others may hold.

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

#include <memory>

namespace reapd {

class Thawer {
public:
    Thawer();
    ~Thawer();
    Thawer(const Thawer&) = delete;
    Thawer& operator=(const Thawer&) = delete;

    /// Makes the thread. Errors: errno of pthread_create(3). Without it nobody is thawed here.
    Result<> start() noexcept;

    /// From `when` on what is frozen for a while (Stay::WhileWatched) goes on, as often as it
    /// takes. `file` is its cgroup.freeze, open for reading and writing and borrowed until
    /// disarm().
    void arm(const Fd& file, TimePoint when) noexcept;

    /// It is the caller's again. Waits for a write that is under way.
    void disarm() noexcept;

private:
    struct State;
    static void* run(void* argument) noexcept;

    std::unique_ptr<State> state_;
};

} // namespace reapd
