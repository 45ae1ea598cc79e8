// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A bounded queue between exactly one producer thread and one consumer thread. Neither side
/// ever waits, locks or allocates: a full queue refuses, and what that means is the caller's.

#include <atomic>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace reapd {

template <class T, std::size_t capacity>
class Queue {
    static_assert((capacity & (capacity - 1)) == 0, "index arithmetic needs a power of two");
    static_assert(std::is_trivially_copyable_v<T>, "slots are overwritten, never destroyed");

public:
    Queue() : slots_{std::make_unique<T[]>(capacity)} {}

    /// Producer only. False when the queue is full; nothing was stored then.
    [[nodiscard]] bool push(const T& value) noexcept {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (head - tail_.load(std::memory_order_acquire) == capacity)
            return false;
        slots_[head & (capacity - 1)] = value;
        head_.store(head + 1, std::memory_order_release);
        return true;
    }

    /// Producer only. Whether at least half of the queue is free: what others can do without is
    /// not to take the last places.
    bool has_room() const noexcept {
        return head_.load(std::memory_order_relaxed) - tail_.load(std::memory_order_acquire) <=
               capacity / 2;
    }

    /// Consumer only. False when the queue is empty.
    [[nodiscard]] bool pop(T& value) noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        if (tail == head_.load(std::memory_order_acquire))
            return false;
        value = slots_[tail & (capacity - 1)];
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }

private:
    // Apart from each other, so that the two threads do not fight over one cache line.
    alignas(64) std::atomic<std::size_t> head_{0};
    std::unique_ptr<T[]> slots_;
    alignas(64) std::atomic<std::size_t> tail_{0};
};

} // namespace reapd
