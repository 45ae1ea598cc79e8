// SPDX-License-Identifier: LGPL-2.1-or-later

/// The part of the pool that may allocate: threads are made at start and never again.

#include "act/pool.hpp"

#include <sys/mman.h>

#include <csignal>
#include <ctime>
#include <new>

namespace reapd {
namespace {

// Deep enough for three text buffers and a signal frame; what is deeper would be a mistake that
// the guard page below shows.
constexpr std::size_t stack_size = 128UZ * 1024;

// xattr, cgroup.kill and the look at survivors can each be held up by the same starved mkdir.
constexpr std::uint32_t tree_threads = 3;

/// Signals are for the main thread: blocks all of them while it lives.
class SignalsBlocked {
public:
    SignalsBlocked() noexcept {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_{};
};

int create(pthread_t& thread, void* (*run)(void*), void* argument) noexcept {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, stack_size);
    const int error = ::pthread_create(&thread, &attributes, run, argument);
    ::pthread_attr_destroy(&attributes);
    if (error == 0)
        ::pthread_setname_np(thread, "reapd-pool");
    return error;
}

} // namespace

Pool::~Pool() { (void)stop(); }

Result<> Pool::start(const PoolSettings& settings, Surroundings& around) noexcept {
    around_ = &around;
    const std::size_t wanted = tree_threads + (settings.threads > 0 ? settings.threads : 1);
    workers_.reset(new (std::nothrow) Worker[wanted]);
    if (!workers_)
        return failed("Pool::start", ENOMEM);
    const SignalsBlocked blocked;
    for (std::size_t i = 0; i < wanted; ++i) {
        Worker& worker = workers_[i];
        worker.pool = this;
        worker.queue = &queues_[i < tree_threads ? 0 : 1];
        worker.settings = settings;
        const bool looks = i < tree_threads; // Releasing takes no storage.
        if (looks)
            worker.scratch.reset(new (std::nothrow) Scratch);
        if (looks && !worker.scratch)
            return failed("Pool::start", ENOMEM);
        if (const int error = create(worker.thread, run, &worker))
            return failed("pthread_create", error);
        worker.queue->threads++;
        worker_count_ = i + 1;
    }
    return {};
}

bool Pool::stop() noexcept {
    stopping_.store(true, std::memory_order_release);
    for (Queue& queue : queues_) {
        queue.posted.fetch_add(1, std::memory_order_release);
        futex_wake_all(queue.posted);
    }
    timespec until{};
    ::clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    bool ended = true;
    for (; worker_count_ > 0; --worker_count_)
        ended = ::pthread_timedjoin_np(workers_[worker_count_ - 1].thread, nullptr, &until) == 0 &&
                ended;
    return ended;
}

} // namespace reapd
