// SPDX-License-Identifier: LGPL-2.1-or-later

/// The part of the freezer that may allocate: its thread is made at start and never again.

#include "act/freezer.hpp"

#include <csignal>
#include <ctime>

namespace reapd {
namespace {

constexpr std::size_t stack_size = 128UZ * 1024;

} // namespace

Freezer::~Freezer() {
    if (!started_)
        return;
    stopping_.store(true, std::memory_order_release);
    posted_.fetch_add(1, std::memory_order_release);
    futex_wake_all(posted_);
    (void)::pthread_join(thread_, nullptr); // One piece of memory is the longest that it takes.
}

Result<> Freezer::start(int nice) noexcept {
    nice_ = nice;
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all); // Signals are for the main thread.
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, stack_size);
    const int error = ::pthread_create(&thread_, &attributes, run, this);
    ::pthread_attr_destroy(&attributes);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (error != 0)
        return failed("pthread_create", error);
    ::pthread_setname_np(thread_, "reapd-freezer");
    started_ = true;
    return {};
}

} // namespace reapd
