// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Freezes one cgroup after the other and pages it out, on a thread of its own: both take locks
/// of the kernel, and paging out lasts as long as the disk does. Who asks waits for nothing and
/// allocates nothing; he looks at the progress when he likes.

#include "act/futex.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
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
    Freezer() = default;
    ~Freezer();
    Freezer(const Freezer&) = delete;
    Freezer& operator=(const Freezer&) = delete;

    /// Makes the thread. Errors: errno of pthread_create(3).
    Result<> start(int nice) noexcept;

    /// Whether begin() may be called: false while the last cgroup is worked on.
    bool idle() const noexcept;

    /// Marks the cgroup `dir`, which stays the caller's, as frozen by `by` for a while, freezes it
    /// and pages it out. False when that could not even begin.
    bool begin(int dir, std::string_view by) noexcept;

    /// Of the last begin().
    FreezeProgress progress() const noexcept;

    /// The cgroup goes on, so nothing more of it is paged out.
    void leave() noexcept { left_.store(true, std::memory_order_relaxed); }

private:
    static void* run(void* self) noexcept;
    void serve() noexcept;
    void work() noexcept;
    void page_out() noexcept;
    bool given_up() const noexcept;

    int nice_ = 0;
    bool started_ = false;
    pthread_t thread_{};
    Fd dir_{}; ///< the caller's until it is posted, then the thread's until idle
    std::array<char, 208> by_{};
    std::size_t by_length_ = 0;
    FutexWord posted_{0};
    std::atomic<bool> busy_{false};
    std::atomic<bool> still_{false};
    std::atomic<int> error_{0};
    std::atomic<bool> left_{false};
    std::atomic<bool> stopping_{false};
};

} // namespace reapd
