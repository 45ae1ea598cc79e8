// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/cooler_state.hpp"
#include "act/memory_lock.hpp"
#include "act/reclaim.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace reapd {
namespace {

/// Behind what people work with, but not behind everything: where all wait for memory, work on
/// more of it is worth some time on a CPU.
constexpr int nice_of_thread = 5;

CoolingResult reclaim_unpromised(const Fd& dir, CoolingOrder order, const StopSign& stop,
                                 Walk& walk) noexcept {
    const Bytes within_reach = read_within_reach(dir, walk);
    const bool is_less = within_reach < order.budget;
    order.budget = std::min(order.budget, within_reach);
    CoolingResult result = reclaim(dir, order, stop);
    result.exhausted = result.exhausted || (is_less && !result.stopped);
    return result;
}

} // namespace

int Cooler::ended() const noexcept { return state_->ended.get(); }

bool Cooler::idle() const noexcept {
    return state_->thread.runs() && state_->turn.load(std::memory_order_acquire) == State::Idle;
}

bool Cooler::begin(int dir, const CoolingOrder& order) noexcept {
    if (!idle())
        return false;
    state_->dir = Fd{::fcntl(dir, F_DUPFD_CLOEXEC, 0)};
    if (!state_->dir)
        return false;
    state_->order = order;
    state_->cancelled.store(false, std::memory_order_relaxed);
    state_->turn.store(State::Ordered, std::memory_order_release);
    futex_wake_all(state_->turn);
    return true;
}

void Cooler::cancel() noexcept { state_->cancelled.store(true, std::memory_order_relaxed); }

std::optional<CoolingResult> Cooler::take() noexcept {
    if (state_->turn.load(std::memory_order_acquire) != State::Ended)
        return std::nullopt;
    std::uint64_t count = 0;
    (void)!::read(state_->ended.get(), &count, sizeof count); // Not readable yet: so be it.
    const CoolingResult result = state_->result;
    state_->dir = Fd{};
    state_->turn.store(State::Idle, std::memory_order_release);
    return result;
}

void* Cooler::run(void* argument) noexcept {
    State& state = *static_cast<State*>(argument);
    prefault_stack();
    (void)::setpriority(PRIO_PROCESS, 0, nice_of_thread);
    for (;;) {
        std::uint32_t turn = state.turn.load(std::memory_order_acquire);
        if (turn == State::Stopping)
            return nullptr;
        if (turn != State::Ordered) {
            futex_wait(state.turn, turn);
            continue;
        }
        const StopSign stop{state.cancelled, state.order.until};
        state.result = state.order.means == CoolingMeans::Reclaim
                           ? reclaim_unpromised(state.dir, state.order, stop, state.scratch.walk)
                           : hint_cgroup(state.proc, state.dir, state.order, stop, state.scratch,
                                         state.thawer);
        // Not over a Stopping that came meanwhile.
        if (!state.turn.compare_exchange_strong(turn, State::Ended, std::memory_order_release))
            return nullptr;
        const std::uint64_t one = 1;
        (void)!::write(state.ended.get(), &one, sizeof one); // Its counter is far from full.
    }
}

} // namespace reapd
