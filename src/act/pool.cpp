// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/pool.hpp"

#include "act/memory_lock.hpp"

#include <sched.h>
#include <sys/resource.h>

namespace reapd {
namespace {

constexpr std::size_t index_of(Lane lane) noexcept { return lane == Lane::Tree ? 0 : 1; }

/// Nothing died: cgroup.kill failed or there was nobody, and no signal was taken.
bool spared(const Affair& affair) noexcept {
    const bool killed = affair.killed.get() == 1 && affair.processes() > 0;
    return !killed && affair.counters.signalled.load(std::memory_order_relaxed) == 0;
}

void end(Affair& affair) noexcept {
    unboost(affair);
    if (spared(affair))
        unmark_units(affair);
}

} // namespace

Pool::Queue& Pool::queue_of(Work work) noexcept {
    const bool memory = work == Work::Release || work == Work::ReapKill;
    return queues_[index_of(memory ? Lane::Memory : Lane::Tree)];
}

std::uint32_t Pool::threads(Lane lane) const noexcept { return queues_[index_of(lane)].threads; }

bool Pool::has_free_thread(Lane lane) const noexcept {
    const Queue& queue = queues_[index_of(lane)];
    return queue.unfinished.load(std::memory_order_relaxed) < queue.threads;
}

bool Pool::post(Work work, Affair& affair) noexcept {
    affair.holds.fetch_add(1, std::memory_order_relaxed);
    const bool posted = post_with_hold(work, affair);
    if (!posted)
        affair.holds.fetch_sub(1, std::memory_order_relaxed); // The caller's own hold remains.
    return posted;
}

bool Pool::post_with_hold(Work work, Affair& affair) noexcept {
    Queue& queue = queue_of(work);
    for (Slot& slot : queue.slots) {
        Place empty = Place::Empty;
        if (!slot.place.compare_exchange_strong(empty, Place::Filling, std::memory_order_acquire))
            continue;
        slot.item = {.affair = &affair, .work = work};
        queue.unfinished.fetch_add(1, std::memory_order_relaxed);
        slot.place.store(Place::Ready, std::memory_order_release);
        queue.posted.fetch_add(1, std::memory_order_release);
        futex_wake_all(queue.posted);
        return true;
    }
    return false;
}

bool Pool::take(Queue& queue, Item& item) noexcept {
    for (Slot& slot : queue.slots) {
        Place ready = Place::Ready;
        if (!slot.place.compare_exchange_strong(ready, Place::Taking, std::memory_order_acquire))
            continue;
        item = slot.item;
        slot.place.store(Place::Empty, std::memory_order_release);
        return true;
    }
    return false;
}

void* Pool::run(void* worker) noexcept {
    auto& own = *static_cast<Worker*>(worker);
    prepare(own);
    own.pool->serve(own);
    return nullptr;
}

void Pool::prepare(const Worker& worker) noexcept {
    prefault_stack();
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (const std::uint16_t cpu : worker.settings.cpus)
        CPU_SET(cpu, &cpus);
    // Without the privilege, or on a machine without that CPU, it works all the same, only slower.
    if (!worker.settings.cpus.empty())
        ::sched_setaffinity(0, sizeof cpus, &cpus);
    ::setpriority(PRIO_PROCESS, 0, worker.settings.nice);
}

void Pool::serve(Worker& worker) noexcept {
    Queue& queue = *worker.queue;
    while (!stopping_.load(std::memory_order_acquire)) {
        const std::uint32_t seen = queue.posted.load(std::memory_order_acquire);
        Item item;
        if (!take(queue, item)) {
            futex_wait(queue.posted, seen);
            continue;
        }
        perform(item, worker);
        let_go(*item.affair, queue);
        queue.unfinished.fetch_sub(1, std::memory_order_relaxed);
    }
}

void Pool::let_go(Affair& affair, const Queue& queue) noexcept {
    if (!affair.let_go())
        return;
    // Writing back takes locks of the tree: not in this lane.
    if (&queue == &queues_[index_of(Lane::Memory)]) {
        affair.holds.store(1, std::memory_order_relaxed);
        if (post_with_hold(Work::End, affair))
            return;
    }
    end(affair);
    affair.close();
}

void Pool::perform(const Item& item, const Worker& worker) noexcept {
    Affair& affair = *item.affair;
    if (item.work == Work::Release)
        return release_victims(affair, *around_);
    if (item.work == Work::ReapKill)
        return reap_kill(affair, *around_);
    Scratch& scratch = *worker.scratch;
    switch (item.work) {
    case Work::Collect:
        return collect(affair, scratch, *around_);
    case Work::Mark:
        return mark_units(affair);
    case Work::Kill:
        return affair.whole ? kill_whole(affair, scratch) : kill_family(affair, scratch, *around_);
    case Work::Boost:
        return boost(affair, scratch, *around_);
    case Work::Look:
        return look(affair, scratch, *around_);
    case Work::Release:
    case Work::ReapKill:
    case Work::End:
        return;
    }
}

} // namespace reapd
