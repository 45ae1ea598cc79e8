// SPDX-License-Identifier: LGPL-2.1-or-later

/// The part of the Cooler that may allocate: its thread is made at start and never again.

#include "act/cooler_state.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>

namespace reapd {
namespace {

// As deep as those of the pool, which have as much to hold.
constexpr std::size_t stack_size = 128UZ * 1024;

} // namespace

Cooler::Cooler() : state_{std::make_unique<State>()} {}

Cooler::~Cooler() {
    stop();
    free_unless_used(state_);
}

void Cooler::stop() noexcept {
    if (!state_->thread.runs() || state_->turn.load(std::memory_order_acquire) == State::Stopping)
        return;
    cancel();
    state_->turn.store(State::Stopping, std::memory_order_release);
    futex_wake_all(state_->turn);
    state_->thread.join_soon();
}

Result<> Cooler::start(int proc) noexcept {
    state_->proc = Fd{::fcntl(proc, F_DUPFD_CLOEXEC, 0)};
    if (!state_->proc)
        return failed("fcntl");
    state_->ended = Fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!state_->ended)
        return failed("eventfd");
    if (const Result<> started = state_->thawer.start(); !started)
        return started;
    return state_->thread.start("reapd-cooler", stack_size, run, state_.get());
}

} // namespace reapd
