// SPDX-License-Identifier: LGPL-2.1-or-later

/// What does it cost to measure all candidates once, and to decide?
///
/// Usage: bench-sampling [RUNS] [CANDIDATES…]
///
/// Needs the memory controller on the unified hierarchy, and root. On real cgroups, at depth 1
/// and 10, by the very code that the guard runs: "arming" is the first look, "again" each one that
/// follows. Beside it the same files by open, read and close: the amounts of all, and the
/// statistics and the pressure of 64. Watched is the cgroup above them all: as if it were the
/// machine ("machine"), or as a slice, where the limits of candidates are read, too. Where nothing
/// is swapped out ("no swap") that is not asked for.

#include "bench/forest.hpp"
#include "bench/sample.hpp"
#include "bench/syscall_count.hpp"
#include "candidate_pool.hpp"
#include "decide/decide.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

using namespace reapd;
using namespace reapd::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* top = "/sys/fs/cgroup";
constexpr Slot root_slot = 0;
constexpr Slot watched_slot = 1;

/// Real cgroups, and the table of them.
class RealForest {
public:
    explicit RealForest(const Forest& forest)
        : table_{2 + forest.candidates + inner_cgroups(forest)} {
        table_.add(root_slot, {1}, no_slot, open(top), {.never = true});
        paths_.emplace_back(top);
        const Slot watched = make(root_slot, true);
        table_.at(watched).marks = {.watched = 1, .never = true};
        plant(
            forest, watched, [&](Slot parent) { return make(parent, true); },
            [&](Slot parent) { make(parent, false); });
    }
    ~RealForest() {
        for (std::size_t slot = paths_.size(); slot-- > 1;) {
            table_.remove(static_cast<Slot>(slot));
            ::rmdir(paths_[slot].c_str());
        }
    }
    RealForest(const RealForest&) = delete;
    RealForest& operator=(const RealForest&) = delete;

    Table& table() { return table_; }

private:
    static int open(const std::string& path) {
        return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }

    Slot make(Slot parent, bool inner) {
        const auto slot = static_cast<Slot>(paths_.size());
        paths_.push_back(paths_[parent] + "/bench" + std::to_string(slot));
        ::mkdir(paths_.back().c_str(), 0755);
        if (inner)
            std::ofstream{paths_.back() + "/cgroup.subtree_control"} << "+memory" << std::flush;
        const int dir = open(paths_.back());
        if (dir < 0) {
            std::fprintf(stderr, "bench-sampling: cannot make %s\n", paths_.back().c_str());
            std::exit(1);
        }
        table_.add(slot, {slot + 1U}, parent, dir, {});
        return slot;
    }

    Table table_;
    std::vector<std::string> paths_{};
};

double cpu_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Bench {
    std::string name{}; ///< of the row
    std::size_t candidates = 0;
    SyscallCount calls{};

    /// Counting makes each call slower, so it is done apart from timing.
    template <class Work>
    void measure(const std::string& column, bool count, const Work& work) const {
        const auto each = static_cast<double>(candidates);
        if (!count) {
            const double before = cpu_microseconds();
            work();
            sample("sampling once, microseconds of CPU for each candidate; times open/read/close",
                   name, column, (cpu_microseconds() - before) / each);
            return;
        }
        calls.begin();
        work();
        if (const auto made = calls.end())
            sample("sampling once, system calls for each candidate; times open/read/close", name,
                   column, static_cast<double>(*made) / each);
    }
};

/// As a program reads files that does not know them: to their end.
void read_plainly(int dir, const char* name) {
    std::array<char, 8192> text;
    const Fd file{::openat(dir, name, O_RDONLY | O_CLOEXEC)};
    while (::read(file.get(), text.data(), text.size()) > 0) {
    }
}

void read_all_plainly(const Table& table) {
    std::size_t closely = 64;
    for (const Row& row : table.rows().subspan(watched_slot + 1)) {
        if (row.children > 0)
            continue;
        read_plainly(row.dir, "memory.current");
        read_plainly(row.dir, "memory.swap.current");
        if (closely == 0)
            continue;
        --closely;
        read_plainly(row.dir, "memory.stat");
        read_plainly(row.dir, "memory.pressure");
    }
}

class Watched {
public:
    Watched(const Machine& machine, RealForest& forest, bool as_slice, Bytes swap_free)
        : machine_{machine}, table_{forest.table()}, pool_{machine, table_.capacity(), Files::Held},
          memory_{.total = mib(16384),
                  .available = mib(512),
                  .swap_total = mib(512),
                  .swap_free = swap_free} {
        rule_.when.pressure_full = PressureLimit{.share = {1000}, .window = 1s};
        rule_.victim.minimum_size = {};
        if (!as_slice)
            rule_.when.memory_available =
                AmountLimit{.side = AmountLimit::Side::Below, .bytes = mib(1024)};
    }

    void rest() { table_.close_all_files(); }

    void look(TimePoint now, bool arming) {
        const Found found =
            pool_.sample(table_, watch_, rule_, memory_, now, arming ? Extent::All : Extent::Usual);
        watch_.sampled_at = now;
        const std::span<const Candidate> ranked =
            pool_.ranked(table_, watch_, rule_, memory_.total);
        (void)decide({.rule = &rule_,
                      .measured = {.full = Permyriad{5000}, .memory = memory_},
                      .ranked = ranked,
                      .found = found});
    }

private:
    const Machine& machine_;
    Table& table_;
    CandidatePool pool_;
    Rule rule_{.name = "bench"};
    Watch watch_{.used = true, .slot = watched_slot};
    MemInfo memory_;
};

void run(const Forest& forest, int runs) {
    const Machine machine{.proc = Fd{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)}};
    RealForest real{forest};
    const Bench bench{.name = std::to_string(forest.candidates) + " candidates, depth " +
                              std::to_string(forest.depth),
                      .candidates = forest.candidates};
    Watched whole{machine, real, false, mib(256)};
    Watched without_swap{machine, real, false, mib(512)};
    Watched slice{machine, real, true, mib(256)};
    TimePoint now{1h};
    for (int i = 0; i < 2 * runs; ++i) {
        const bool count = i % 2 == 0;
        bench.measure("open/read/close", count, [&] { read_all_plainly(real.table()); });
        whole.rest();
        bench.measure("machine, arming", count, [&] { whole.look(now += 1s, true); });
        whole.look(now += 1s, false); // Files of the largest are opened now, and stay so.
        bench.measure("machine, again", count, [&] { whole.look(now += 1s, false); });
        whole.look(now += 1s, false);
        without_swap.look(now += 1s, false);
        bench.measure("machine, no swap, again", count,
                      [&] { without_swap.look(now += 1s, false); });
        slice.rest();
        bench.measure("slice, arming", count, [&] { slice.look(now += 1s, true); });
        slice.look(now += 1s, false);
        bench.measure("slice, again", count, [&] { slice.look(now += 1s, false); });
    }
}

} // namespace

int main(int argc, char** argv) {
    const int runs = argc > 1 ? std::atoi(argv[1]) : 7;
    std::string controllers;
    std::getline(std::ifstream{std::string{top} + "/cgroup.subtree_control"}, controllers);
    if (controllers.find("memory") == std::string::npos) {
        std::fputs("SKIP: no memory controller on a unified hierarchy at /sys/fs/cgroup\n", stderr);
        return 77;
    }
    const rlimit descriptors{262144, 262144};
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    std::vector<std::size_t> counts{10UZ, 100UZ, 1000UZ};
    if (argc > 2) {
        counts.clear();
        for (int i = 2; i < argc; ++i)
            counts.push_back(std::strtoul(argv[i], nullptr, 10));
    }
    for (const std::size_t candidates : counts)
        for (const std::size_t depth : {1UZ, 10UZ})
            run({candidates, depth}, runs);
}
