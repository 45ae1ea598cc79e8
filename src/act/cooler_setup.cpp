// SPDX-License-Identifier: LGPL-2.1-or-later

/// The part of the Cooler that may allocate: its thread is made at start and never again.

#include "act/cooler_state.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <csignal>
#include <cstring>
#include <ctime>

namespace reapd {
namespace {

// As deep as those of the pool, which have as much to hold.
constexpr std::size_t stack_size = 128UZ * 1024;

} // namespace

Cooler::Cooler() : state_{std::make_unique<State>()} {}

Cooler::~Cooler() {
    if (!state_->started)
        return;
    cancel();
    state_->turn.store(State::Stopping, std::memory_order_release);
    futex_wake_all(state_->turn);
    timespec until{};
    ::clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    // A thread in the kernel will come back to its storage: it is left behind.
    if (::pthread_timedjoin_np(state_->thread, nullptr, &until) != 0) {
        [[maybe_unused]] const State* const left_behind = state_.release();
    }
}

Result<> Cooler::start(int proc) noexcept {
    state_->proc = Fd{::fcntl(proc, F_DUPFD_CLOEXEC, 0)};
    if (!state_->proc)
        return failed("fcntl");
    state_->ended = Fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!state_->ended)
        return failed("eventfd");
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, stack_size);
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all); // Signals are for the main thread.
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = ::pthread_create(&state_->thread, &attributes, run, state_.get());
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&attributes);
    if (error != 0)
        return failed("pthread_create", error);
    ::pthread_setname_np(state_->thread, "reapd-cooler");
    state_->started = true;
    return {};
}

} // namespace reapd
