// SPDX-License-Identifier: LGPL-2.1-or-later

/// The part of the Thawer that may allocate: its thread is made at start and never again.

#include "act/own_thread.hpp"
#include "act/thawer_state.hpp"

namespace reapd {
namespace {

// It holds little more than a mark of 256 bytes.
constexpr std::size_t stack_size = 64UZ * 1024;

} // namespace

Thawer::Thawer() : state_{std::make_unique<State>()} {}

Thawer::~Thawer() {
    if (!state_->started)
        return;
    state_->turn.store(State::Stopping, std::memory_order_release);
    futex_wake_all(state_->turn);
    if (!join_soon(state_->thread)) {
        [[maybe_unused]] const State* const left_behind = state_.release();
    }
}

Result<> Thawer::start() noexcept {
    const Result<pthread_t> thread = start_thread("reapd-thawer", stack_size, run, state_.get());
    if (!thread)
        return std::unexpected(thread.error());
    state_->thread = *thread;
    state_->started = true;
    return {};
}

} // namespace reapd
