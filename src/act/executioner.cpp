// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/executioner.hpp"

#include "act/state.hpp"
#include "base/mrelease.hpp"

#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <chrono>

namespace reapd {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// The collecting thread stops by itself after 20 ms of looking. If the kernel holds it up in a
// lock, the kill goes on without it. Not sooner: beside 25 busy processes on two CPUs it took
// more than 25 ms until it had its turn, and without the list nobody knows who is exempt.
constexpr auto wait_for_collect = 100ms;
constexpr auto wait_for_mark = 2ms;
constexpr auto wait_for_kill = 20ms;
constexpr auto until_boost = 50ms;
constexpr auto between_looks = 20ms;
constexpr auto soon = 5ms;
constexpr auto deadline = 5s;

/// The guard may close its own descriptor while threads of ours still use this one.
Fd duplicate(int fd) noexcept { return Fd{::fcntl(fd, F_DUPFD_CLOEXEC, 0)}; }

void take_units(Affair& affair, std::span<const int> dirs) noexcept {
    affair.unit_count = static_cast<std::uint32_t>(std::min(dirs.size(), affair.units.size()));
    for (std::uint32_t i = 0; i < affair.unit_count; ++i) {
        affair.units[i].dir = duplicate(dirs[i]);
        affair.units[i].marked = false;
    }
}

/// ENOENT and ENODEV: the cgroup is gone, and with it everybody who was in it.
bool must_signal(std::uint32_t killed) noexcept {
    const int error = static_cast<int>(killed) - 1;
    return error != 0 && error != ENOENT && error != ENODEV && error != ENOSYS;
}

/// The last look ended before the last process was found or everything is well.
bool complete(const Affair& affair) noexcept {
    const bool kill_back = !affair.whole || affair.killed.get() != 0;
    return kill_back && affair.releases_running.load(std::memory_order_acquire) == 0 &&
           affair.seen.load(std::memory_order_acquire) == Seen::Gone;
}

} // namespace

Collected Executioner::collect_cgroup(int dir) noexcept { return begin(dir, {}); }

Collected Executioner::collect_processes(int dir, std::span<const pid_t> pids) noexcept {
    return pids.empty() ? Collected::Empty : begin(dir, pids);
}

Collected Executioner::begin(int dir, std::span<const pid_t> pids) noexcept {
    State& own = *state_;
    finish(); // An affair that was collected and not executed ends here.
    own.result = {};
    const auto vacant = std::ranges::find_if(own.affairs, [](const Affair& affair) {
        return affair.vacant.load(std::memory_order_acquire);
    });
    if (vacant == own.affairs.end())
        return Collected::Denied;
    Affair& affair = *vacant;
    affair.open();
    own.current = &affair;
    affair.dir = duplicate(dir);
    affair.given = !pids.empty();
    affair.wanted_count = static_cast<std::uint32_t>(std::min(pids.size(), affair.wanted.size()));
    std::ranges::copy(pids.first(affair.wanted_count), affair.wanted.begin());
    if (!own.pool.post(Work::Collect, affair))
        return Collected::Denied;
    const std::uint32_t outcome = affair.collected.wait_until(Clock::now() + wait_for_collect);
    own.result.processes = affair.processes();
    own.late = outcome == 0;
    // Whoever makes the kernel hold us up must not be spared for it, and nobody else die instead:
    // the cgroup can be killed without a list, processes as soon as there is one.
    return outcome == 0 ? Collected::Ready : static_cast<Collected>(outcome - 1);
}

bool Executioner::late() const noexcept { return state_->late; }

void Executioner::ask() noexcept {
    if (state_->current)
        signal_victims(*state_->current, SIGTERM);
}

void Executioner::execute(const Orders& orders) noexcept {
    State& own = *state_;
    if (!own.current || own.executed)
        return;
    Affair& affair = *own.current;
    own.executed = true;
    own.began = Clock::now();
    affair.whole = orders.whole && !affair.given;
    affair.release = orders.release;
    // The kernel's own threads heed no bounds.
    if (orders.release == Release::Yes && own.around.releases.expedite)
        affair.kill_flags = signal_expedite;
    take_units(affair, orders.unit_dirs);
    if (affair.unit_count > 0 && own.pool.post(Work::Mark, affair))
        affair.marked.wait_until(own.began + wait_for_mark);
    if (affair.whole || affair.collected_done())
        kill(affair);
    post_releases(affair);
    // Processes that are not on the list are released when the look finds them: now.
    own.next_look = own.began + (affair.collected_done() && !affair.incomplete ? soon : 0ms);
    own.result.until_signal = std::chrono::duration_cast<Microseconds>(Clock::now() - own.began);
    refresh();
}

void Executioner::kill(Affair& affair) noexcept {
    State& own = *state_;
    const bool posted = own.pool.post(Work::Kill, affair);
    if (affair.whole && affair.collected_done() && affair.victims.size() > 0)
        kill_largest(affair);
    const std::uint32_t killed =
        posted ? affair.killed.wait_until(Clock::now() + wait_for_kill) : 0;
    own.result.kill_late = killed == 0;
    if (killed == 0 || must_signal(killed))
        signal_victims(affair, SIGKILL);
}

/// At the same moment as all, but with its memory in hand before the signal reaches it. By
/// cgroup.kill alone it may come to the point in its exit where process_mrelease() finds no memory
/// any more, and then not get a CPU to free it.
void Executioner::kill_largest(Affair& affair) noexcept {
    State& own = *state_;
    const bool in_one_call = own.around.releases.reap_kill && affair.memory_own;
    if (affair.release != Release::No && in_one_call) {
        affair.next_release.store(1, std::memory_order_relaxed);
        affair.releases_running.fetch_add(1, std::memory_order_relaxed);
        if (own.pool.post(Work::ReapKill, affair))
            return;
        affair.releases_running.fetch_sub(1, std::memory_order_relaxed);
        affair.next_release.store(0, std::memory_order_relaxed);
    }
    if (affair.kill_flags != 0)
        kill_process(affair, affair.victims.all().front());
}

void Executioner::post_releases(Affair& affair) noexcept {
    State& own = *state_;
    if (own.releases_posted || !affair.collected_done())
        return;
    own.releases_posted = true;
    if (affair.release == Release::No)
        return;
    const std::uint32_t left =
        affair.victims.size() - affair.next_release.load(std::memory_order_relaxed);
    const std::uint32_t threads = std::min(own.pool.threads(Lane::Memory), left);
    for (std::uint32_t i = 0; i < threads; ++i) {
        affair.releases_running.fetch_add(1, std::memory_order_relaxed);
        if (!own.pool.post(Work::Release, affair))
            affair.releases_running.fetch_sub(1, std::memory_order_relaxed);
    }
}

bool Executioner::poll(TimePoint now, bool memory_back) noexcept {
    State& own = *state_;
    if (!own.current || !own.executed)
        return true;
    Affair& affair = *own.current;
    if (!own.releases_posted && affair.collected_done()) {
        // The list came late. cgroup.kill may be late, too.
        if (!affair.whole)
            kill(affair);
        else if (affair.killed.get() == 0 || must_signal(affair.killed.get()))
            signal_victims(affair, SIGKILL);
        post_releases(affair);
    }
    if (memory_back)
        affair.enough.store(true, std::memory_order_relaxed);
    if (!memory_back && !own.result.boosted && now - own.began >= until_boost)
        own.result.boosted = own.pool.post(Work::Boost, affair);
    if (now >= own.next_look && affair.seen.load(std::memory_order_acquire) != Seen::Gone &&
        !affair.looking.exchange(true, std::memory_order_acquire)) {
        own.next_look = now + between_looks;
        if (!own.pool.post(Work::Look, affair))
            affair.looking.store(false, std::memory_order_release);
    }
    refresh();
    return complete(affair) || now - own.began >= deadline;
}

void Executioner::relieve(bool relieved) noexcept {
    if (state_->current)
        state_->current->relieved.store(relieved, std::memory_order_relaxed);
}

void Executioner::refresh() noexcept {
    State& own = *state_;
    const Affair& affair = *own.current;
    KillResult& result = own.result;
    const auto count = [](const std::atomic<std::uint32_t>& counter) {
        return counter.load(std::memory_order_relaxed);
    };
    result.processes = affair.processes();
    result.signalled = count(affair.counters.signalled);
    result.survivors = count(affair.counters.survivors);
    const std::uint32_t killed = affair.killed.get();
    result.kill_error = killed == 0 ? 0 : static_cast<int>(killed) - 1;
    result.xattr_error = affair.counters.xattr_error.load(std::memory_order_relaxed);
    result.released = count(affair.counters.released);
    result.esrch = count(affair.counters.esrch);
    result.eagain = count(affair.counters.eagain);
    result.einval = count(affair.counters.einval);
    result.refused = count(affair.counters.refused);
    result.calls = count(affair.counters.calls);
}

void Executioner::finish() noexcept {
    State& own = *state_;
    Affair* const affair = own.current;
    if (!affair)
        return;
    if (own.executed) {
        refresh();
        own.result.held_up = affair->holds.load(std::memory_order_relaxed) - 1;
    }
    affair->enough.store(true, std::memory_order_relaxed);
    own.current = nullptr;
    // Writing back may wait, so the last to let go is to be a thread of the pool.
    const bool handed_over = own.executed && own.pool.post_with_hold(Work::End, *affair);
    if (!handed_over && affair->let_go())
        affair->close();
    own.executed = own.releases_posted = false;
}

const KillResult& Executioner::result() const noexcept { return state_->result; }

bool Executioner::idle() const noexcept {
    const State& own = *state_;
    return !own.current && own.pool.has_free_thread(Lane::Tree) &&
           own.pool.has_free_thread(Lane::Memory) &&
           std::ranges::any_of(own.affairs, [](const Affair& affair) {
               return affair.vacant.load(std::memory_order_acquire);
           });
}

} // namespace reapd
