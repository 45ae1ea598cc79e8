// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/syscalls.hpp"
#include "act/work.hpp"
#include "base/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// SIGKILL to everything listed in the tree now; returns how many processes were seen first.
std::uint32_t signal_listed(Affair& affair, Scratch& scratch) noexcept {
    std::uint32_t fresh = 0;
    if (scratch.walk.begin(affair.dir) != 0)
        return 0;
    for (Walk::Step step = scratch.walk.next(); step.dir; step = scratch.walk.next()) {
        ProcsReader procs{*step.dir, scratch.text};
        VictimList listed{scratch.storage};
        listed.add_listed(procs, step.number, TimePoint::max());
        listed.verify(procs, 0);
        for (const VictimProcess& victim : listed.all()) {
            if (signal_pidfd(victim.pidfd, SIGKILL) != 0)
                continue;
            affair.counters.signalled.fetch_add(1, std::memory_order_relaxed);
            if (!affair.collected_done() || !affair.victims.holds(victim.pid))
                ++fresh;
        }
    }
    scratch.walk.end();
    return fresh;
}

} // namespace

bool kill_by_freezing(Affair& affair, Scratch& scratch) noexcept {
    constexpr int passes = 100; // A fork bomb of 300 needed 90 without the freezer.
    constexpr auto between = 1ms;
    // Frozen processes do not fork; SIGKILL reaches them all the same. A freezer that fails
    // costs passes, nothing else.
    (void)write_at(affair.dir, "cgroup.freeze", "1");
    bool stable = false;
    for (int pass = 0; pass < passes && !stable; ++pass) {
        const std::uint32_t fresh = signal_listed(affair, scratch);
        stable = !read_populated(affair.dir).value_or(false) || (pass > 0 && fresh == 0);
        if (!stable)
            ::usleep(std::chrono::microseconds{between}.count());
    }
    (void)write_at(affair.dir, "cgroup.freeze", "0");
    return stable;
}

void kill_whole(Affair& affair, Scratch& scratch) noexcept {
    const Result<> written = write_at(affair.dir, "cgroup.kill", "1");
    int error = written ? 0 : written.error().code;
    if (error == ENOENT && ::faccessat(affair.dir.get(), "cgroup.procs", F_OK, 0) == 0) {
        error = ENOSYS; // The cgroup is there, the file is not: an old kernel.
        kill_by_freezing(affair, scratch);
    }
    affair.killed.set(1 + static_cast<std::uint32_t>(error));
    if (error == 0 || error == ENOSYS)
        count_units(affair);
}

void signal_victims(Affair& affair, int signal) noexcept {
    if (!affair.collected_done())
        return;
    for (const VictimProcess& victim : affair.victims.all())
        if (signal == SIGKILL)
            kill_process(affair, victim);
        else
            (void)signal_pidfd(victim.pidfd, signal); // It may be dead already.
}

void kill_process(Affair& affair, const VictimProcess& victim) noexcept {
    const bool expedited =
        affair.kill_flags != 0 && signal_pidfd(victim.pidfd, SIGKILL, affair.kill_flags) == 0;
    if (expedited)
        affair.counters.calls.fetch_or(release_call::expedite, std::memory_order_relaxed);
    // No kill is to fail for the sake of its memory.
    if (expedited || signal_pidfd(victim.pidfd, SIGKILL) == 0)
        affair.counters.signalled.fetch_add(1, std::memory_order_relaxed);
}

} // namespace reapd
