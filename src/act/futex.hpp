// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Waiting for another thread with a bound. std::atomic has no wait with a timeout, and a mutex
/// could be held by a thread that faults: nothing here is ever held.

#include "base/units.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>

namespace reapd {

using FutexWord = std::atomic<std::uint32_t>;
static_assert(sizeof(FutexWord) == 4 && FutexWord::is_always_lock_free);

/// Sleeps while `word` holds `seen`, at most until `deadline` (max: for ever). May return early.
inline void futex_wait(FutexWord& word, std::uint32_t seen,
                       TimePoint deadline = TimePoint::max()) noexcept {
    using namespace std::chrono;
    const auto since_boot = deadline.time_since_epoch();
    const auto whole = duration_cast<seconds>(since_boot);
    const timespec until{.tv_sec = whole.count(),
                         .tv_nsec = nanoseconds{since_boot - whole}.count()};
    ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, seen,
              deadline == TimePoint::max() ? nullptr : &until, nullptr, FUTEX_BITSET_MATCH_ANY);
}

inline void futex_wake_all(FutexWord& word) noexcept {
    ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

/// A number that one thread sets once and another waits for; 0 means not yet.
class Outcome {
public:
    void set(std::uint32_t value) noexcept {
        word_.store(value, std::memory_order_release);
        futex_wake_all(word_);
    }
    void clear() noexcept { word_.store(0, std::memory_order_relaxed); }

    std::uint32_t get() const noexcept { return word_.load(std::memory_order_acquire); }

    /// 0 when nothing was set by then.
    std::uint32_t wait_until(TimePoint deadline) noexcept {
        std::uint32_t value = get();
        while (value == 0 && std::chrono::steady_clock::now() < deadline) {
            futex_wait(word_, 0, deadline);
            value = get();
        }
        return value;
    }

private:
    FutexWord word_{0};
};

} // namespace reapd
