// SPDX-License-Identifier: LGPL-2.1-or-later

/// What does it cost to take memory from who sleeps, and him to have it back?
///
/// Usage: bench-cooling SWAP [RUNS [MIB]]
///
/// A process with MIB (192) of memory sleeps. By hints, by memory.reclaim, or by nothing, rounds
/// follow each other until a tenth of it is left in its cgroup, as long as anything moves; then it
/// wakes up and touches all of it. The ways take turns. SWAP is for the titles: what is there.

#include "act/hint.hpp"
#include "act/reclaim.hpp"
#include "bench/sample.hpp"
#include "native/world.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <thread>

using namespace reapd;
using namespace reapd::test;

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;
using namespace std::chrono_literals;

constexpr auto patience = 30s;
/// As reapd looks at what a round has cost before the next.
constexpr auto between_rounds = 1s;
constexpr Bytes round_budget = mib(64);

enum class Way : std::uint8_t { Hint, Reclaim, Nothing };
constexpr const char* names[] = {"hint", "reclaim", "nothing"};

/// Of the sleeper and us: how long it took him to touch all of it, in ms; 0: he sleeps.
std::atomic<double>* touched_in = nullptr;
char* memory = nullptr;
std::size_t memory_size = 0;

void touch_all(int) {
    const auto began = Clock::now();
    for (std::size_t at = 0; at < memory_size; at += 4096)
        static_cast<volatile char*>(memory)[at] = 1;
    touched_in->store(Milliseconds{Clock::now() - began}.count());
}

/// A few words on each page: easy to compress, and no page like another.
void be_sleeper() {
    memory = static_cast<char*>(
        ::mmap(nullptr, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory == MAP_FAILED)
        ::_exit(EXIT_FAILURE);
    ::madvise(memory, memory_size, MADV_NOHUGEPAGE);
    std::uint64_t random = 88172645463325252U;
    for (std::size_t at = 0; at < memory_size; at += 4096)
        for (std::size_t word = 0; word < 8; ++word) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            reinterpret_cast<std::uint64_t*>(memory + at)[word] = random;
        }
    (void)std::signal(SIGUSR1, touch_all);
}

double cpu_ms() {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

std::uint64_t resident(const Cgroup& cgroup) {
    const std::string text = cgroup.read("memory.current");
    if (text.empty()) {
        std::fputs("no memory controller here\n", stderr);
        std::exit(EXIT_FAILURE);
    }
    return std::stoull(text);
}

double stalled_ms(const Cgroup& cgroup) {
    const std::string text = cgroup.read("memory.pressure");
    return std::stod(text.substr(text.find("total=") + 6)) / 1e3;
}

class Bench {
public:
    explicit Bench(std::string swap) : swap_{std::move(swap)} {}

    void run(Way way) {
        const Cgroup cgroup;
        touched_in->store(0);
        const Child sleeper{cgroup, be_sleeper};
        say(way, "MiB out of memory", cool(way, cgroup));
        const double before = stalled_ms(cgroup);
        ::kill(sleeper.pid(), SIGUSR1);
        for (const auto until = Clock::now() + patience;
             touched_in->load() <= 0 && Clock::now() < until;)
            std::this_thread::sleep_for(1ms);
        say(way, "return of the sleeper, ms", touched_in->load());
        say(way, "of which it waited for memory, ms", stalled_ms(cgroup) - before);
    }

private:
    /// How much is out of memory after it, in MiB.
    double cool(Way way, const Cgroup& cgroup) {
        if (way == Way::Nothing)
            return 0;
        const std::uint64_t before = resident(cgroup);
        const double cpu_before = cpu_ms();
        double busy_ms = 0;
        bool exhausted = false;
        for (const auto until = Clock::now() + patience; !exhausted && Clock::now() < until;) {
            const auto began = Clock::now();
            exhausted = round(way, cgroup);
            busy_ms += Milliseconds{Clock::now() - began}.count();
            exhausted = exhausted || resident(cgroup) < before / 10;
            std::this_thread::sleep_for(between_rounds);
        }
        const double moved = static_cast<double>(before - resident(cgroup)) / (1 << 20);
        say(way, "MiB a second of a round", moved / busy_ms * 1e3);
        say(way, "CPU for 100 MiB, ms", (cpu_ms() - cpu_before) / moved * 100);
        return moved;
    }

    /// True when there is nothing more to take. What hints paged out counts in the round after.
    bool round(Way way, const Cgroup& cgroup) {
        const std::atomic<bool> nobody_stops{false};
        const StopSign stop{nobody_stops, TimePoint::max()};
        const CoolingOrder order{.advice = Advice::Pageout, .budget = round_budget};
        const CoolingResult result =
            way == Way::Hint ? hint_cgroup(proc_, cgroup.dir(), order, stop, *scratch_, thawer_)
                             : reclaim(cgroup.dir(), order, stop);
        return result.exhausted && result.moved <= mib(1);
    }

    void say(Way way, const std::string& what, double value) const {
        sample("cooling, " + swap_, what, names[static_cast<std::size_t>(way)], value);
    }

    std::string swap_;
    Fd proc_{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    std::unique_ptr<HintScratch> scratch_ = std::make_unique<HintScratch>();
    Thawer thawer_{};
};

} // namespace

int main(int argc, char* argv[]) {
    if (argc < 2) {
        std::fputs("usage: bench-cooling SWAP [RUNS [MIB]]\n", stderr);
        return 2;
    }
    const int runs = argc > 2 ? std::atoi(argv[2]) : 3;
    memory_size = (argc > 3 ? std::stoul(argv[3]) : 192) << 20;
    touched_in =
        new (::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))
            std::atomic<double>;
    Bench bench{argv[1]};
    for (int i = 0; i < runs; ++i)
        for (const Way way : {Way::Hint, Way::Reclaim, Way::Nothing})
            bench.run(way);
}
