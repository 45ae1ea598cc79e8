// SPDX-License-Identifier: LGPL-2.1-or-later

/// The part of the freezer that may allocate: its thread is made at start and never again.

#include "act/freezer_state.hpp"
#include "act/own_thread.hpp"

namespace reapd {
namespace {

constexpr std::size_t stack_size = 128UZ * 1024;

} // namespace

Freezer::Freezer() : state_{std::make_unique<State>()} {}

Freezer::~Freezer() {
    stop();
    // A thread in the kernel will come back to its storage: it is left behind.
    if (state_->started) {
        [[maybe_unused]] const State* const left_behind = state_.release();
    }
}

Result<> Freezer::start(int nice) noexcept {
    state_->nice = nice;
    const Result<pthread_t> thread = start_thread("reapd-freezer", stack_size, run, state_.get());
    if (!thread)
        return std::unexpected(thread.error());
    state_->thread = *thread;
    state_->started = true;
    return {};
}

void Freezer::stop() noexcept {
    if (!state_->started || state_->stopping.load(std::memory_order_acquire))
        return;
    state_->stopping.store(true, std::memory_order_release);
    leave();
    state_->posted.fetch_add(1, std::memory_order_release);
    futex_wake_all(state_->posted);
    state_->started = !join_soon(state_->thread);
}

} // namespace reapd
