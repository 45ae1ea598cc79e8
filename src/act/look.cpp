// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/syscalls.hpp"
#include "act/work.hpp"

#include <algorithm>
#include <chrono>

namespace reapd {
namespace {

/// Signals and releases one process that is still listed. Returns whether it was not collected.
bool kill_again(Affair& affair, const VictimProcess& victim, Surroundings& around) noexcept {
    if (signal_pidfd(victim.pidfd, SIGKILL) == 0)
        affair.counters.signalled.fetch_add(1, std::memory_order_relaxed);
    if (affair.collected_done() && affair.victims.holds(victim.pid))
        return false; // Released with the others, or being so.
    if (affair.release != Release::No)
        release_one(affair, victim, around);
    return true;
}

/// How many of the victims have not exited. A pidfd is readable when the last thread has.
std::uint32_t count_living(const Affair& affair, Scratch& scratch) noexcept {
    std::span<const VictimProcess> rest = affair.victims.all();
    std::uint32_t living = 0;
    while (!rest.empty()) {
        const std::size_t n = std::min(rest.size(), scratch.polled.size());
        for (std::size_t i = 0; i < n; ++i)
            scratch.polled[i] = {.fd = rest[i].pidfd, .events = POLLIN, .revents = 0};
        ::poll(scratch.polled.data(), n, 0);
        for (std::size_t i = 0; i < n; ++i)
            living += scratch.polled[i].revents == 0 ? 1u : 0u;
        rest = rest.subspan(n);
    }
    return living;
}

} // namespace

std::uint32_t sweep(Affair& affair, Scratch& scratch, Surroundings& around) noexcept {
    std::uint32_t listed = 0;
    std::uint32_t later = 0;
    if (scratch.walk.begin(affair.dir) != 0)
        return 0;
    for (Walk::Step step = scratch.walk.next(); step.dir; step = scratch.walk.next()) {
        ProcsReader procs{*step.dir, scratch.text};
        VictimList living{scratch.storage};
        living.add_listed(procs, step.number, TimePoint::max());
        living.verify(procs, 0);
        listed += living.size();
        for (const VictimProcess& victim : living.all())
            later += kill_again(affair, victim, around) ? 1u : 0u;
    }
    scratch.walk.end();
    // One that takes long to die is listed in many sweeps and counts once: the first sweep after
    // the kill finds the most. Only one sweep of an affair runs at a time.
    if (later > affair.counters.later.load(std::memory_order_relaxed))
        affair.counters.later.store(later, std::memory_order_relaxed);
    return listed;
}

void look(Affair& affair, Scratch& scratch, Surroundings& around) noexcept {
    std::uint32_t living = 0;
    if (affair.given)
        living = affair.collected_done() ? count_living(affair, scratch) : 1; // Not known yet.
    else if (read_populated(affair.dir).value_or(false))
        // cgroup.kill leaves a process alive whose main thread has exited; the list names it. An
        // empty list with "populated 1" is a process between its last thread and its end.
        living = std::max(sweep(affair, scratch, around), 1u);
    affair.counters.survivors.store(living, std::memory_order_relaxed);
    affair.seen.store(living == 0 ? Seen::Gone : Seen::Alive, std::memory_order_release);
    affair.looking.store(false, std::memory_order_release);
}

} // namespace reapd
