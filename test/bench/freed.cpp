// SPDX-License-Identifier: LGPL-2.1-or-later

/// How long after the decision is the memory back?
///
/// Usage: bench-freed [--runs N] [--seconds N] [--limit MS] [--starved MIB] [--only TEXT] [--way
/// NAME]
///
/// From the moment of the decision until 90 % of the victim's memory is back, by several ways to
/// kill; they take turns, so that what else the machine does hits all of them alike. Whoever kills
/// has nice -20. "munmap" is the limit: one process gives as much memory back by itself, on a CPU
/// that is free.

#include "bench/sample.hpp"
#include "bench/victims.hpp"
#include "bench/ways.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace reapd;
using namespace reapd::test;

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct Options {
    int runs = 7;
    std::chrono::seconds longest{std::chrono::hours{24}}; ///< no run begins after this
    std::chrono::milliseconds limit{3000};
    std::size_t starved = 512; ///< MiB of victims that get no CPU
    std::string only{};        ///< rows with this in their names
    std::string way{};         ///< empty: all
};

struct Case {
    Load load{};
    Plight plight = Plight::Quiet;
    std::string name{};
};

/// Empty: the memory was not back in time.
std::optional<double> measure(Executioner& executioner, const Case& one, Way way,
                              const Options& options) {
    const Victims victims{one.load, one.plight};
    std::atomic<bool> begin = false, over = false;
    std::thread killer{[&] {
        ::setpriority(PRIO_PROCESS, 0, -20);
        while (!begin)
            ::usleep(100);
        kill_by(way, executioner, victims.cgroup(), over);
    }};
    const std::uint64_t full = victims.gauge().begin();
    const std::size_t wanted = one.load.processes * one.load.mib * 9 / 10;
    const auto began = Clock::now();
    begin = true;
    bool back = false;
    while (!back && Clock::now() - began < options.limit) {
        ::usleep(200);
        back = victims.gauge().given_back(full) >= wanted;
    }
    const double took = Milliseconds{Clock::now() - began}.count();
    over = true;
    killer.join();
    return back ? std::optional{took} : std::nullopt;
}

double munmap_alone(const Load& load) {
    void* const memory = take_memory(load.mib, load.huge);
    const auto began = Clock::now();
    ::munmap(memory, load.mib << 20);
    return Milliseconds{Clock::now() - began}.count();
}

/// Filling gibibytes takes longer than anything else here, so not all ways have to.
std::span<const Way> ways_of(const Load& load) {
    return load.mib < 4096 ? std::span{all_ways} : std::span{all_ways}.first(2);
}

std::vector<Case> cases(const Options& options) {
    std::vector<Case> all;
    const auto add = [&](const Load& load, Plight plight) {
        Case one{load, plight, name_of(load) + ", " + name_of(plight)};
        if (one.name.find(options.only) == std::string::npos)
            return;
        if (possible(load, plight))
            all.push_back(one);
        else
            std::printf("fact\t%s\tnot possible here\n", one.name.c_str());
    };
    for (const std::size_t gib : {1UZ, 4UZ, 8UZ})
        add({.mib = gib << 10}, Plight::Quiet);
    add({.mib = 4096, .huge = true}, Plight::Quiet);
    add({.mib = 1024, .threads = 256}, Plight::Quiet);
    add({.mib = 256, .swapped = true}, Plight::Quiet);
    add({.processes = 50, .mib = 100}, Plight::Quiet);
    add({.processes = 1000, .mib = 2}, Plight::Quiet);
    for (const std::size_t gib : {1UZ, 4UZ, 8UZ})
        add({.mib = gib << 10}, Plight::Busy);
    for (const Plight plight : {Plight::Nice19, Plight::Idle, Plight::Throttled, Plight::LowWeight,
                                Plight::BesideRealTime})
        add({.mib = options.starved}, plight);
    return all;
}

Options read_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        const char* const value = argv[i + 1];
        if (name == "--runs")
            options.runs = std::atoi(value);
        else if (name == "--seconds")
            options.longest = std::chrono::seconds{std::atoi(value)};
        else if (name == "--limit")
            options.limit = std::chrono::milliseconds{std::atoi(value)};
        else if (name == "--starved")
            options.starved = std::strtoul(value, nullptr, 10);
        else if (name == "--only")
            options.only = value;
        else if (name == "--way")
            options.way = value;
        else
            std::exit(2);
    }
    return options;
}

void tell(const Case& one, const char* column, const std::optional<double>& took,
          const Options& options) {
    const std::string title = "from the kill until 90 % of the memory is back, ms; times reapd";
    if (took)
        sample(title, one.name, column, *took);
    else
        gave_up(title, one.name, column, Milliseconds{options.limit}.count());
}

} // namespace

int main(int argc, char** argv) {
    const Options options = read_options(argc, argv);
    if (hierarchy().empty()) {
        std::fputs("SKIP: no cgroup2 hierarchy in which we may make cgroups\n", stderr);
        return 77;
    }
    const Fd proc{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    Executioner executioner;
    if (!executioner.start({}, proc.get()))
        return 1;
    ::setpriority(PRIO_PROCESS, 0, -20);
    std::printf("fact\tmemory given back\tby %s\n", MemoryGauge::source());
    const std::vector<Case> all = cases(options);
    // Who is late takes the longest, and says nothing new any more.
    constexpr int late_enough = 3;
    std::map<std::pair<std::string_view, Way>, int> late;
    const auto end = Clock::now() + options.longest;
    for (int run = 0; run < options.runs && Clock::now() < end; ++run)
        for (const Case& one : all) {
            for (const Way way : ways_of(one.load)) {
                if (!options.way.empty() && options.way != name_of(way))
                    continue;
                while (!executioner.idle())
                    ::usleep(1000);
                int& lates = late[{one.name, way}];
                if (lates == late_enough)
                    continue;
                const std::optional<double> took = measure(executioner, one, way, options);
                tell(one, name_of(way), took, options);
                lates += took ? 0 : 1;
            }
            if (one.load.processes == 1 && one.load.threads == 1 && !one.load.swapped &&
                one.plight == Plight::Quiet)
                tell(one, "munmap", munmap_alone(one.load), options);
        }
}
