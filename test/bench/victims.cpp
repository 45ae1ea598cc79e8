// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/victims.hpp"

#include "bench/old_hierarchy.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

namespace reapd::test {
namespace {

std::size_t last_cpu() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ::sched_getaffinity(0, sizeof allowed, &allowed);
    std::size_t cpu = CPU_SETSIZE - 1;
    while (cpu > 0 && !CPU_ISSET(cpu, &allowed))
        --cpu;
    return cpu;
}

void pin_to(std::size_t cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ::sched_setaffinity(0, sizeof one, &one);
}

std::size_t memory_mib(const char* key) {
    const std::string text = read_file("/proc/meminfo");
    return std::stoul(text.substr(text.find(key) + std::string{key}.size())) >> 10;
}

void hold(const Load& load, std::size_t mib) {
    void* const memory = take_memory(mib, load.huge);
    if (load.swapped)
        ::madvise(memory, mib << 20, MADV_PAGEOUT);
}

void be_victim(const Load& load, Plight plight) {
    ::setpriority(PRIO_PROCESS, 0, 0);
    const std::size_t each = load.mib / load.threads;
    for (std::size_t i = 1; i < load.threads; ++i)
        std::thread{[&load, each] {
            hold(load, each);
            for (;;)
                ::pause();
        }}.detach();
    hold(load, each);
    if (load.threads > 1)
        ::usleep(300000); // The others are at it still.
    if (plight != Plight::Quiet && plight != Plight::Busy)
        pin_to(last_cpu());
    if (plight == Plight::Nice19)
        ::setpriority(PRIO_PROCESS, 0, 19);
    const sched_param none{};
    if (plight == Plight::Idle)
        ::sched_setscheduler(0, SCHED_IDLE, &none);
}

/// A child's child, so that the child can say it is there.
void be_busy(Plight plight) {
    if (::fork() != 0)
        return;
    ::setpriority(PRIO_PROCESS, 0, 0);
    if (plight != Plight::Busy)
        pin_to(last_cpu());
    const sched_param middle{.sched_priority = 50};
    if (plight == Plight::BesideRealTime)
        ::sched_setscheduler(0, SCHED_FIFO, &middle);
    for (volatile bool on = true; on;) {
    }
}

long busy_loops(Plight plight) {
    if (plight == Plight::Quiet)
        return 0;
    return plight == Plight::Busy ? 2 * ::sysconf(_SC_NPROCESSORS_ONLN) : 1;
}

bool needs_share(Plight plight) {
    return plight == Plight::Throttled || plight == Plight::LowWeight;
}

bool put(const std::string& file, const std::string& text) {
    std::ofstream out{file};
    out << text << std::flush;
    return out.good();
}

const std::string& old_cpu() {
    static const std::string found = find_old("cpu");
    return found;
}

} // namespace

/// The part of a CPU that the victim's cgroup may have, by whichever hierarchy has the controller.
class Victims::Share {
public:
    Share(const Cgroup& cgroup, Plight plight)
        : dir_{old_cpu().empty() ? cgroup.path()
                                 : old_cpu() + cgroup.path().substr(cgroup.path().rfind('/'))} {
        const bool throttled = plight == Plight::Throttled;
        if (is_old()) {
            ::mkdir(dir_.c_str(), 0755);
            file_ = dir_ + (throttled ? "/cpu.cfs_quota_us" : "/cpu.shares");
            little_ = throttled ? "1000" : "2";
            plenty_ = throttled ? "-1" : "1024";
        } else {
            put(hierarchy() + "/cgroup.subtree_control", "+cpu");
            file_ = dir_ + (throttled ? "/cpu.max" : "/cpu.weight");
            little_ = throttled ? "1000 100000" : "1"; // microseconds of so many
            plenty_ = throttled ? "max 100000" : "100";
        }
    }
    ~Share() {
        lift();
        for (int i = 0; i < 1000 && is_old() && ::rmdir(dir_.c_str()) != 0; ++i)
            ::usleep(1000);
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    void take(pid_t pid) const {
        if (is_old())
            put(dir_ + "/cgroup.procs", std::to_string(pid));
    }
    bool limit() const { return put(file_, little_); }
    void lift() const { put(file_, plenty_); }

private:
    static bool is_old() { return !old_cpu().empty(); }

    std::string dir_;
    std::string file_{};
    const char* little_ = "";
    const char* plenty_ = "";
};

void* take_memory(std::size_t mib, bool huge) {
    const std::size_t size = mib << 20;
    void* const memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        ::_exit(EXIT_FAILURE);
    ::madvise(memory, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    // In half the time of touching; before 5.14 by touching.
    if (::madvise(memory, size, MADV_POPULATE_WRITE) == 0)
        return memory;
    for (std::size_t at = 0; at < size; at += 4096)
        static_cast<volatile char*>(memory)[at] = 1;
    return memory;
}

std::string name_of(const Load& load) {
    std::string name = std::to_string(load.processes) + " x " +
                       (load.mib % 1024 == 0 ? std::to_string(load.mib / 1024) + " GiB"
                                             : std::to_string(load.mib) + " MiB");
    if (load.threads > 1)
        name += ", " + std::to_string(load.threads) + " threads";
    if (load.huge)
        name += ", huge pages";
    if (load.swapped)
        name += ", swapped out";
    return name;
}

std::string name_of(Plight plight) {
    switch (plight) {
    case Plight::Quiet:
        return "quiet";
    case Plight::Busy:
        return "busy machine";
    case Plight::Nice19:
        return "nice 19";
    case Plight::Idle:
        return "SCHED_IDLE";
    case Plight::Throttled:
        return "cpu.max";
    case Plight::LowWeight:
        return "cpu.weight=1";
    case Plight::BesideRealTime:
        return "real-time hog";
    }
    return "";
}

bool possible(const Load& load, Plight plight) {
    const std::size_t all = load.processes * load.mib;
    if (all > memory_mib("MemAvailable:") * 8 / 10 ||
        (load.swapped && all > memory_mib("SwapFree:") * 8 / 10))
        return false;
    if (!needs_share(plight))
        return true;
    const Victims trial{{.mib = 1}, plight};
    return trial.limited_;
}

Victims::Victims(const Load& load, Plight plight)
    : gauge_{cgroup_},
      share_{needs_share(plight) ? std::make_unique<Share>(cgroup_, plight) : nullptr} {
    for (std::size_t i = 0; i < load.processes; ++i)
        children_.emplace_back(cgroup_, [&] {
            gauge_.enter();
            be_victim(load, plight);
        });
    // Now that they have their memory.
    for (std::size_t i = 0; share_ && i < load.processes; ++i)
        share_->take(children_[i].pid());
    limited_ = share_ && share_->limit();
    for (long i = 0; i < busy_loops(plight); ++i)
        children_.emplace_back(plight == Plight::Throttled ? cgroup_ : beside_, [&] {
            if (plight == Plight::Throttled)
                share_->take(::getpid());
            be_busy(plight);
        });
    ::usleep(plight == Plight::Throttled ? 220000 : 20000); // The loops are running now.
}

/// Who starves takes minutes to end on a busy machine, and the next ones wait for that.
Victims::~Victims() {
    if (share_)
        share_->lift();
    (void)beside_.write("cgroup.kill", "1");
    (void)cgroup_.write("cgroup.kill", "1");
    cpu_set_t all;
    std::memset(&all, 0xff, sizeof all);
    const sched_param none{};
    std::istringstream listed{cgroup_.read("cgroup.procs")};
    for (pid_t pid = 0; listed >> pid;) {
        ::sched_setaffinity(pid, sizeof all, &all);
        ::sched_setscheduler(pid, SCHED_OTHER, &none);
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(pid), -20);
    }
}

} // namespace reapd::test
