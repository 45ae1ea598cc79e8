// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/freezer.hpp"

#include "act/freezer_state.hpp"
#include "act/frozen.hpp"
#include "act/memory_lock.hpp"
#include "act/reclaim.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace reapd {
namespace {

constexpr useconds_t between_looks = 2000; // microseconds

/// The kernel gives up before all is out, and may find more when it is asked again; in a row, when
/// there is no more to be had.
constexpr int most_failures = 3;

/// Waits until nothing in `dir` moves; whether it came to that.
bool wait_for_stand(const Fd& dir, const StopSign& stop) noexcept {
    bool still = stands_still(dir);
    while (!still && !stop.seen()) {
        ::usleep(between_looks);
        still = stands_still(dir);
    }
    return still;
}

void page_out(const Fd& dir, const StopSign& stop) noexcept {
    // Beyond this the kernel only says that it does something.
    Bytes may_ask{2 * read_within_reach(dir).value};
    for (int failures = 0; failures < most_failures && !stop.seen();) {
        const Bytes budget = std::min(read_within_reach(dir), may_ask);
        if (budget == Bytes{})
            return;
        const CoolingResult round = reclaim(dir, {.budget = budget}, stop);
        if (round.gone + round.refused > 0 || round.error != 0)
            return; // No memory.reclaim before Linux 5.19; or the cgroup is gone.
        may_ask = may_ask - round.moved;
        failures = round.moved < cooling_step ? failures + 1 : 0;
    }
}

} // namespace

bool Freezer::idle() const noexcept {
    return state_->thread.runs() && !state_->stopping.load(std::memory_order_relaxed) &&
           !state_->busy.load(std::memory_order_acquire);
}

bool Freezer::begin(int dir, std::string_view by, Microseconds patience) noexcept {
    if (!idle())
        return false;
    State& state = *state_;
    state.dir = Fd{::fcntl(dir, F_DUPFD_CLOEXEC, 0)};
    if (!state.dir)
        return false;
    state.by_length = std::min(by.size(), state.by.size());
    std::ranges::copy(by.substr(0, state.by_length), state.by.begin());
    state.patience = patience;
    state.still.store(false, std::memory_order_relaxed);
    state.error.store(0, std::memory_order_relaxed);
    state.given_up.store(false, std::memory_order_relaxed);
    state.busy.store(true, std::memory_order_release);
    state.posted.fetch_add(1, std::memory_order_release);
    futex_wake_all(state.posted);
    return true;
}

FreezeProgress Freezer::progress() const noexcept {
    const bool out = !state_->busy.load(std::memory_order_acquire);
    return {.still = state_->still.load(std::memory_order_acquire),
            .out = out,
            .error = state_->error.load(std::memory_order_relaxed)};
}

void Freezer::leave() noexcept { state_->given_up.store(true, std::memory_order_relaxed); }

void* Freezer::run(void* argument) noexcept {
    State& state = *static_cast<State*>(argument);
    prefault_stack();
    (void)::setpriority(PRIO_PROCESS, 0, state.nice); // Without the privilege it is slower.
    while (!state.stopping.load(std::memory_order_acquire)) {
        const std::uint32_t seen = state.posted.load(std::memory_order_acquire);
        if (!state.busy.load(std::memory_order_acquire)) {
            futex_wait(state.posted, seen);
            continue;
        }
        work(state);
        state.dir = Fd{};
        state.busy.store(false, std::memory_order_release);
    }
    return nullptr;
}

void Freezer::work(State& state) noexcept {
    const StopSign stop{state.given_up, TimePoint::max()};
    if (stop.seen())
        return;
    if (const Result<> frozen =
            freeze(state.dir, Stay::WhileWatched, {state.by.data(), state.by_length});
        !frozen) {
        // Whom somebody thawed before he stood still goes on as if it had been later.
        if (frozen.error().code != ECANCELED)
            state.error.store(frozen.error().code, std::memory_order_relaxed);
        return;
    }
    const TimePoint until = std::chrono::steady_clock::now() + state.patience;
    state.still.store(wait_for_stand(state.dir, stop.before(until)), std::memory_order_release);
    page_out(state.dir, stop);
    // It was thawed while the kernel held this up: nobody remembers it any more. What is frozen
    // when reapd ends is thawed by who ends it, and told.
    if (stop.seen() && !state.stopping.load(std::memory_order_acquire))
        (void)thaw_left_behind(state.dir);
}

} // namespace reapd
