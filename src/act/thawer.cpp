// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/thawer.hpp"

#include "act/frozen.hpp"
#include "act/precedence.hpp"
#include "act/thawer_state.hpp"

#include <algorithm>
#include <chrono>

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// Whoever holds it may freeze it late, after it was thawed.
constexpr auto again_after = 20ms;

} // namespace

void Thawer::arm(const Fd& file, TimePoint when) noexcept {
    state_->file = &file;
    state_->when = when;
    state_->turn.store(State::Armed, std::memory_order_release);
    futex_wake_all(state_->turn);
}

void Thawer::disarm() noexcept {
    std::uint32_t turn = State::Armed;
    while (!state_->turn.compare_exchange_weak(turn, State::Idle, std::memory_order_acq_rel)) {
        if (turn == State::Idle || turn == State::Stopping)
            return;
        if (turn == State::Thawing)
            futex_wait(state_->turn, State::Thawing);
        turn = State::Armed;
    }
}

void* Thawer::run(void* argument) noexcept {
    State& state = *static_cast<State*>(argument);
    thaw_passing(Fd{}); // What it needs of its stack is in memory then.
    take_precedence();
    TimePoint next{}; // of what is armed
    for (;;) {
        std::uint32_t turn = state.turn.load(std::memory_order_acquire);
        if (turn == State::Stopping)
            return nullptr;
        if (turn == State::Idle) {
            next = {};
            futex_wait(state.turn, State::Idle);
            continue;
        }
        // Its time can be read only when nobody can take it back.
        if (!state.turn.compare_exchange_strong(turn, State::Thawing, std::memory_order_acq_rel))
            continue;
        next = std::max(next, state.when);
        if (std::chrono::steady_clock::now() >= next) {
            thaw_passing(*state.file);
            next = std::chrono::steady_clock::now() + again_after;
        }
        turn = State::Thawing;
        const bool goes_on = state.turn.compare_exchange_strong(turn, State::Armed);
        futex_wake_all(state.turn);
        if (goes_on)
            futex_wait(state.turn, State::Armed, next);
    }
}

} // namespace reapd
