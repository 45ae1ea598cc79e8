// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Threads for kernel calls that may wait, in two lanes: calls that need locks of the cgroup tree
/// (a starved mkdir can hold them for seconds) and calls that need none. A lane that is held up
/// leaves the other free. Nothing is held while a thread works, so a stuck one costs only itself.

#include "act/executioner.hpp"
#include "act/futex.hpp"
#include "act/work.hpp"

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace reapd {

enum class Lane : std::uint8_t {
    Tree,   ///< xattr, cgroup.kill, lists, cpu.max
    Memory, ///< process_mrelease
};

class Pool {
public:
    Pool() = default;
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Errors: errno of pthread_create(3).
    Result<> start(const PoolSettings& settings, Surroundings& around) noexcept;

    /// Ends the threads. False when one is still held up in the kernel: what it uses must stay.
    bool stop() noexcept;

    /// Hands work over, with a hold on the affair. False when the lane has no room.
    bool post(Work work, Affair& affair) noexcept;

    /// The same, but the work takes over the caller's own hold.
    bool post_with_hold(Work work, Affair& affair) noexcept;

    std::uint32_t threads(Lane lane) const noexcept;
    /// Whether a thread of the lane has nothing to do, and nothing waits for one.
    bool has_free_thread(Lane lane) const noexcept;

private:
    struct Item {
        Affair* affair = nullptr;
        Work work = Work::Look;
    };
    /// Where an item is on its way from one thread to another.
    enum class Place : std::uint8_t { Empty, Filling, Ready, Taking };
    struct Slot {
        std::atomic<Place> place{Place::Empty};
        Item item{};
    };
    struct Queue {
        std::array<Slot, 32> slots{};
        FutexWord posted{0};                      ///< grows with every item and at the end
        std::atomic<std::uint32_t> unfinished{0}; ///< items posted and not done
        std::uint32_t threads = 0;
    };
    struct Worker {
        Pool* pool = nullptr;
        Queue* queue = nullptr;
        std::unique_ptr<Scratch> scratch{}; ///< of those of Lane::Tree
        PoolSettings settings{};
        pthread_t thread{};
    };

    static void* run(void* worker) noexcept;
    static void prepare(const Worker& worker) noexcept;
    void serve(Worker& worker) noexcept;
    void perform(const Item& item, const Worker& worker) noexcept;
    void let_go(Affair& affair, const Queue& queue) noexcept;
    bool take(Queue& queue, Item& item) noexcept;
    Queue& queue_of(Work work) noexcept;

    Surroundings* around_ = nullptr;
    std::array<Queue, 2> queues_{};
    std::atomic<bool> stopping_{false};
    std::unique_ptr<Worker[]> workers_{};
    std::size_t worker_count_ = 0;
};

} // namespace reapd
