// SPDX-License-Identifier: LGPL-2.1-or-later

/// The part of the freezer that may allocate: its thread is made at start and never again.

#include "act/freezer_state.hpp"

namespace reapd {
namespace {

constexpr std::size_t stack_size = 128UZ * 1024;

} // namespace

Freezer::Freezer() : state_{std::make_unique<State>()} {}

Freezer::~Freezer() {
    stop();
    free_unless_used(state_);
}

Result<> Freezer::start(int nice) noexcept {
    state_->nice = nice;
    return state_->thread.start("reapd-freezer", stack_size, run, state_.get());
}

void Freezer::stop() noexcept {
    if (!state_->thread.runs() || state_->stopping.load(std::memory_order_acquire))
        return;
    state_->stopping.store(true, std::memory_order_release);
    leave();
    state_->posted.fetch_add(1, std::memory_order_release);
    futex_wake_all(state_->posted);
    state_->thread.join_soon();
}

} // namespace reapd
