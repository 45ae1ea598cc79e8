// SPDX-License-Identifier: LGPL-2.1-or-later

/// Killing named processes whose cgroup lives on. They may fork until the signal reaches them,
/// and a child whose parent is dead cannot be told from a stranger any more. So they are stopped
/// first, and the list is read until nobody new is in it. Whoever is stopped here is killed here.

#include "act/proc_files.hpp"
#include "act/syscalls.hpp"
#include "act/work.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>

namespace reapd {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// The guard waits 20 ms and then signals whom it knows.
constexpr auto time_for_forking = 15ms;
// A process in the middle of fork(2) stops when it is through, with the child made. So does one
// that waits for a page, and that takes longer: nobody waits for it if nothing has been forked.
constexpr auto time_for_quiet = 2ms;
constexpr useconds_t between_lists = 200; // microseconds

struct Family {
    std::span<const VictimProcess> known;
    VictimList newcomers;

    bool holds(pid_t pid) const noexcept {
        return std::ranges::find(known, pid, &VictimProcess::pid) != known.end() ||
               newcomers.holds(pid);
    }
};

void signal_all(std::span<const VictimProcess> victims, int signal) noexcept {
    for (const VictimProcess& victim : victims)
        (void)signal_pidfd(victim.pidfd, signal); // It may be dead already.
}

bool all_stopped(std::span<const VictimProcess> victims, const Fd& proc) noexcept {
    return std::ranges::all_of(victims, [&](const VictimProcess& victim) {
        const std::optional<ProcessStat> stat = read_stat(proc, victim.pid);
        return !stat || std::string_view{"TtZX"}.contains(stat->state);
    });
}

/// Finds children that the family has had meanwhile and stops them, too.
void stop_children(Family& family, ProcsReader& procs, const Fd& proc,
                   TimePoint deadline) noexcept {
    const std::uint32_t from = family.newcomers.size();
    procs.rewind();
    for (pid_t pid = procs.next(); pid != 0 && Clock::now() < deadline; pid = procs.next()) {
        if (family.holds(pid))
            continue;
        const std::optional<ProcessStat> stat = read_stat(proc, pid);
        if (stat && family.holds(stat->parent) && !family.newcomers.add(pid, 0))
            break;
    }
    family.newcomers.verify(procs, from);
    signal_all(family.newcomers.all().subspan(from), SIGSTOP);
}

/// Returns when nobody of the family can fork, or when that takes too long.
void stop(Family& family, ProcsReader& procs, const Fd& proc, bool forks) noexcept {
    const TimePoint began = Clock::now();
    signal_all(family.known, SIGSTOP);
    for (;;) {
        // Seen stopped before the list is read, nobody adds to it afterwards.
        const bool stopped =
            all_stopped(family.known, proc) && all_stopped(family.newcomers.all(), proc);
        const std::uint32_t before = family.newcomers.size();
        stop_children(family, procs, proc, began + time_for_forking);
        forks = forks || family.newcomers.size() > 0;
        if (stopped && family.newcomers.size() == before)
            return;
        if (Clock::now() - began >= (forks ? time_for_forking : time_for_quiet))
            return;
        ::usleep(between_lists);
    }
}

} // namespace

void kill_family(Affair& affair, Scratch& scratch, Surroundings& around) noexcept {
    Family family{.known = affair.victims.all(), .newcomers = VictimList{scratch.storage}};
    ProcsReader procs{affair.dir, scratch.text};
    stop(family, procs, around.proc, affair.victims.size() > affair.wanted_count);

    signal_victims(affair, SIGKILL);
    for (const VictimProcess& victim : family.newcomers.all())
        kill_process(affair, victim);
    affair.counters.later.store(family.newcomers.size(), std::memory_order_relaxed);
    affair.killed.set(1);
    count_units(affair);
    if (affair.release != Release::No)
        for (const VictimProcess& victim : family.newcomers.all())
            release_one(affair, victim, around);
}

} // namespace reapd
