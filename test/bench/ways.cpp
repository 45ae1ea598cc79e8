// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/ways.hpp"

#include "base/mrelease.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace reapd::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::vector<pid_t> pids_of(const Cgroup& cgroup) {
    std::istringstream listed{read_file(cgroup.path() + "/cgroup.procs")};
    std::vector<pid_t> pids;
    for (pid_t pid = 0; listed >> pid;)
        pids.push_back(pid);
    return pids;
}

Fd open_pid(pid_t pid) { return Fd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))}; }

void wait(std::chrono::milliseconds time, const std::atomic<bool>& over) {
    for (const auto until = Clock::now() + time; !over && Clock::now() < until;)
        ::usleep(1000);
}

void by_reapd(Executioner& executioner, const Cgroup& cgroup, const std::atomic<bool>& over) {
    if (executioner.collect_cgroup(cgroup.dir().get()) != Collected::Ready)
        std::abort();
    executioner.execute({});
    while (!executioner.poll(Clock::now(), over) && !over)
        ::usleep(1000);
    executioner.finish();
}

void by_signals(const Cgroup& cgroup, const std::atomic<bool>& over) {
    while (!over) {
        const std::vector<pid_t> pids = pids_of(cgroup);
        if (pids.empty())
            return;
        for (const pid_t pid : pids)
            ::kill(pid, SIGKILL);
        ::usleep(1000);
    }
}

void by_rounds(const Cgroup& cgroup, const std::atomic<bool>& over) {
    constexpr int most_rounds = 10;
    for (int round = 0; round < most_rounds && !over; ++round) {
        bool any = false;
        for (const pid_t pid : pids_of(cgroup)) {
            const bool is_alive = lives(pid);
            (void)read_file("/proc/" + std::to_string(pid) + "/comm");
            any = (is_alive && ::kill(pid, SIGKILL) == 0) || any;
        }
        if (!any)
            break;
        if (round > 0)
            wait(1s, over);
    }
    for (const pid_t pid : pids_of(cgroup))
        if (const Fd pidfd = open_pid(pid); pidfd && !over)
            (void)release_memory(pidfd.get());
}

std::size_t resident(pid_t pid) {
    std::istringstream numbers{read_file("/proc/" + std::to_string(pid) + "/statm")};
    std::size_t size = 0, resident = 0;
    numbers >> size >> resident;
    return resident;
}

void one_by_one(const Cgroup& cgroup, const std::atomic<bool>& over) {
    while (!over) {
        const std::vector<pid_t> pids = pids_of(cgroup);
        const auto largest = std::ranges::max_element(pids, {}, resident);
        if (largest == pids.end())
            return;
        const Fd pidfd = open_pid(*largest);
        ::kill(*largest, SIGKILL);
        (void)release_memory(pidfd.get());
        while (!over && lives(*largest))
            wait(100ms, over);
    }
}

} // namespace

const char* name_of(Way way) {
    switch (way) {
    case Way::Reapd:
        return "reapd";
    case Way::CgroupKill:
        return "cgroup.kill";
    case Way::Signals:
        return "SIGKILL";
    case Way::Oomd:
        return "as oomd";
    case Way::Earlyoom:
        return "as earlyoom";
    }
    return "";
}

void kill_by(Way way, Executioner& executioner, const Cgroup& cgroup,
             const std::atomic<bool>& over) {
    switch (way) {
    case Way::Reapd:
        return by_reapd(executioner, cgroup, over);
    case Way::CgroupKill:
        (void)cgroup.write("cgroup.kill", "1");
        return;
    case Way::Signals:
        return by_signals(cgroup, over);
    case Way::Oomd:
        return by_rounds(cgroup, over);
    case Way::Earlyoom:
        return one_by_one(cgroup, over);
    }
}

} // namespace reapd::test
