// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Freezes one cgroup after the other and pages it out, on a thread of its own: both take locks
/// of the kernel, and paging out lasts as long as the disk does. Who asks waits for nothing and
/// allocates nothing; he looks at the progress when he likes.

#include "base/result.hpp"
#include "base/units.hpp"

#include <memory>
#include <string_view>

namespace reapd {

/// How far a freeze has come.
struct FreezeProgress {
    bool still = false; ///< no process in it runs any more
    bool out = false;   ///< nothing more is done about it
    int error = 0;      ///< errno; EALREADY: somebody else has frozen it. Then it is out, too
};

class Freezer {
public:
    Freezer();
    ~Freezer();
    Freezer(const Freezer&) = delete;
    Freezer& operator=(const Freezer&) = delete;

    /// Makes the thread. Errors: errno of pthread_create(3).
    Result<> start(int nice) noexcept;

    /// Has the thread end, and waits for that a second at most. Nothing can begin any more.
    void stop() noexcept;

    /// Whether begin() may be called: false while the last cgroup is worked on.
    bool idle() const noexcept;

    /// Marks the cgroup `dir`, which stays the caller's, as frozen by `by` for a while, freezes it
    /// and pages it out: when nothing in it moves, or after `patience` even so. False when that
    /// could not even begin.
    bool begin(int dir, std::string_view by, Microseconds patience) noexcept;

    /// Of the last begin().
    FreezeProgress progress() const noexcept;

    /// The cgroup goes on, so nothing more of it is paged out.
    void leave() noexcept;

private:
    struct State;
    static void* run(void* argument) noexcept;
    static void work(State& state) noexcept;

    std::unique_ptr<State> state_;
};

} // namespace reapd
