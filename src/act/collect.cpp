// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/executioner.hpp"
#include "act/proc_files.hpp"
#include "act/work.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <span>

namespace reapd {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// A victim that grows by 1 GiB/s takes 20 MiB more in this time. 200 processes take 1 to 2 ms of
// CPU; the rest is for a machine on which every turn on a CPU has to be waited for (with 5 ms,
// 64 of 200 were collected beside two compilers). What does not fit is found after the kill.
constexpr auto time_to_collect = 20ms;

Collected outcome_of(int error) noexcept {
    switch (error) {
    case 0:
        return Collected::Ready;
    case ENOENT:
    case ENODEV:
        return Collected::Gone;
    default:
        return Collected::Denied; // EACCES, EPERM; EOPNOTSUPP: a threaded cgroup
    }
}

CgroupId id_of(const Fd& dir) noexcept {
    struct stat status{};
    return {::fstat(dir.get(), &status) == 0 ? status.st_ino : 0};
}

void remember_place(Affair& affair, const Walk::Step& step) noexcept {
    if (step.number < affair.places.size()) {
        affair.places[step.number] = {.id = id_of(*step.dir), .parent = step.parent};
        affair.place_count = step.number + 1;
    }
}

/// All processes of one directory; errno of its list. `main` becomes the first one listed: the
/// kernel lists in the order of arrival, so in a unit's own cgroup it is the oldest, which is the
/// main process of every service that does not fork away from it.
int collect_listed(Affair& affair, ProcsReader& procs, const Walk::Step& step, TimePoint deadline,
                   pid_t* main) noexcept {
    const std::uint32_t from = affair.victims.size();
    affair.victims.add_listed(procs, step.number, deadline);
    if (main && affair.victims.size() > from)
        *main = affair.victims.all()[from].pid;
    affair.victims.verify(procs, from);
    return procs.error();
}

int collect_tree(Affair& affair, Scratch& scratch, TimePoint deadline, pid_t& main) noexcept {
    if (const int error = scratch.walk.begin(affair.dir))
        return error;
    int root_error = 0;
    for (Walk::Step step = scratch.walk.next(); step.dir; step = scratch.walk.next()) {
        remember_place(affair, step);
        ProcsReader procs{*step.dir, scratch.text};
        const bool root = step.number == 0;
        const int error = collect_listed(affair, procs, step, deadline, root ? &main : nullptr);
        if (root)
            root_error = error; // A child that vanishes or is threaded is no obstacle.
        affair.incomplete = affair.victims.cut_short() || Clock::now() >= deadline;
        if (root_error != 0 || affair.incomplete)
            break;
    }
    affair.incomplete = affair.incomplete || !scratch.walk.complete();
    scratch.walk.end();
    return root_error;
}

/// The processes named by the caller, with children they have had meanwhile.
int collect_given(Affair& affair, Scratch& scratch, const Surroundings& around,
                  TimePoint deadline) noexcept {
    affair.places[0] = {.id = id_of(affair.dir), .parent = 0};
    affair.place_count = 1;
    ProcsReader procs{affair.dir, scratch.text};
    for (const pid_t pid : std::span{affair.wanted}.first(affair.wanted_count))
        if (!affair.victims.add(pid, 0))
            break;
    affair.victims.verify(procs, 0);

    const std::uint32_t from = affair.victims.size();
    procs.rewind();
    for (pid_t pid = procs.next(); pid != 0 && Clock::now() < deadline; pid = procs.next()) {
        if (affair.victims.holds(pid))
            continue;
        const std::optional<ProcessStat> stat = read_stat(around.proc, pid);
        if (stat && affair.victims.holds(stat->parent) && !affair.victims.add(pid, 0))
            break;
    }
    affair.victims.verify(procs, from);
    return procs.error();
}

/// Whether nobody may OOM-kill it: the main process, or every single one, is at -1000. Unknown
/// is killable: only root can lower the value, and a hog must not hide by exiting and forking.
bool exempt(const Affair& affair, const Surroundings& around, pid_t main,
            TimePoint deadline) noexcept {
    if (main != 0 && read_unkillable(around.proc, main).value_or(false))
        return true;
    bool any = false;
    for (const VictimProcess& victim : affair.victims.all()) {
        const std::optional<bool> unkillable = read_unkillable(around.proc, victim.pid);
        if (unkillable == false || Clock::now() >= deadline)
            return false;
        any = any || unkillable == true;
    }
    return any && !affair.incomplete;
}

/// Whether a call that kills all who share the memory of the largest victim kills nobody else's
/// process. One that was forked and has run no program since may have it from a parent elsewhere,
/// as between vfork(2) and execve(2): a service manager's child in the unit that it starts.
bool largest_has_own_memory(const Affair& affair, const Fd& proc) noexcept {
    if (affair.victims.size() == 0)
        return false;
    const std::optional<ProcessStat> stat = read_stat(proc, affair.victims.all().front().pid);
    return stat && stat->ran_program;
}

/// Asked only when no process was found: the time or the descriptors may have been too few.
bool empty(const Affair& affair) noexcept {
    return affair.given ? !affair.victims.cut_short() : !read_populated(affair.dir).value_or(true);
}

} // namespace

void collect(Affair& affair, Scratch& scratch, const Surroundings& around) noexcept {
    const TimePoint deadline = Clock::now() + time_to_collect;
    pid_t main = affair.wanted_count > 0 ? affair.wanted[0] : 0;
    const int error = affair.given ? collect_given(affair, scratch, around, deadline)
                                   : collect_tree(affair, scratch, deadline, main);
    Collected outcome = outcome_of(error);
    if (outcome == Collected::Ready && affair.victims.size() == 0 && empty(affair))
        outcome = Collected::Empty;
    if (outcome == Collected::Ready && exempt(affair, around, main, deadline))
        outcome = Collected::Exempt;
    // Their list was read a moment ago: a shortage of ours is no reason to kill another instead.
    if (outcome == Collected::Denied && affair.given)
        outcome = Collected::Ready;
    if (outcome != Collected::Ready && affair.given)
        affair.victims.clear(); // Should this come late, nobody of them is to die.
    if (outcome == Collected::Ready)
        affair.victims.sort_by_memory(around.proc, deadline);
    affair.memory_own = outcome == Collected::Ready && largest_has_own_memory(affair, around.proc);
    affair.collected.set(1 + static_cast<std::uint32_t>(outcome));
}

} // namespace reapd
