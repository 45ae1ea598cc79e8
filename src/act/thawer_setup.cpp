// SPDX-License-Identifier: LGPL-2.1-or-later

/// The part of the Thawer that may allocate: its thread is made at start and never again.

#include "act/thawer_state.hpp"

namespace reapd {
namespace {

// It holds little more than a mark of 256 bytes.
constexpr std::size_t stack_size = 64UZ * 1024;

} // namespace

Thawer::Thawer() : state_{std::make_unique<State>()} {}

Thawer::~Thawer() {
    if (!state_->thread.runs())
        return;
    state_->turn.store(State::Stopping, std::memory_order_release);
    futex_wake_all(state_->turn);
    state_->thread.join_soon();
    free_unless_used(state_);
}

Result<> Thawer::start() noexcept {
    return state_->thread.start("reapd-thawer", stack_size, run, state_.get());
}

} // namespace reapd
