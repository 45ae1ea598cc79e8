// SPDX-License-Identifier: LGPL-2.1-or-later

/// How long after the decision is the memory of a victim back that gets no CPU?
///
/// Usage: bench-starved [--runs N] [--mib N] [--limit MS] [--check]
///
/// Prints a table; with --check, exits with 1 unless a starved victim's memory is back within a
/// small multiple of an ordinary one's, and without release it is not.
///
/// Victims: one process of anonymous 4 KiB pages, pinned to the last CPU beside a busy loop of
/// ordinary priority. "ordinary" has nice 0 like the loop. Rows are interleaved, so that what
/// else the machine does hits all of them alike.

#include "act/executioner.hpp"
#include "bench/memory_gauge.hpp"
#include "native/world.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace reapd;
using namespace reapd::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct Options {
    std::size_t runs = 7;
    std::size_t mib = 512;
    std::chrono::milliseconds limit = 3000ms;
    bool check = false;
};

enum class Kind { Ordinary, Nice19, Idle };

struct Row {
    Kind kind = Kind::Ordinary;
    bool release = true;
    bool boost = true;
    std::vector<double> times{}; ///< ms; the limit when the memory was not back by then
    std::size_t released = 0;    ///< runs in which process_mrelease did it
};

const char* name_of(Kind kind) {
    switch (kind) {
    case Kind::Ordinary:
        return "ordinary";
    case Kind::Nice19:
        return "nice 19";
    case Kind::Idle:
        return "SCHED_IDLE";
    }
    return "";
}

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

void be_victim(Kind kind, std::size_t mib) {
    use_memory(mib); // Before it is starved.
    pin_to(last_cpu());
    if (kind == Kind::Nice19)
        ::setpriority(PRIO_PROCESS, 0, 19);
    const sched_param none{};
    if (kind == Kind::Idle)
        ::sched_setscheduler(0, SCHED_IDLE, &none);
}

/// A child's child, so that the child can say it is there.
void be_busy() {
    if (::fork() != 0)
        return;
    pin_to(last_cpu());
    for (volatile bool on = true; on;) {
    }
}

bool answered(const KillResult& result) {
    return result.released + result.esrch + result.einval + result.refused > 0;
}

double measure(Executioner& executioner, Row& row, const Options& options) {
    const Cgroup doomed;
    MemoryGauge gauge{doomed};
    Child victim{doomed, [&] {
                     gauge.enter();
                     be_victim(row.kind, options.mib);
                 }};
    const Cgroup beside;
    const Child busy{beside, be_busy};
    ::usleep(20000); // The loop is running now, and the victim sleeps.

    const std::uint64_t full = gauge.begin();
    const TimePoint began = Clock::now();
    if (executioner.collect_cgroup(doomed.dir().get()) != Collected::Ready)
        std::abort();
    executioner.execute({.release = row.release ? Release::Yes : Release::No});
    bool back = false;
    while (!back && Clock::now() - began < options.limit) {
        // "memory_back" keeps the boost away.
        (void)executioner.poll(Clock::now(), !row.boost);
        back = gauge.given_back(full) >= options.mib * 9 / 10;
        ::usleep(300);
    }
    const double took = Milliseconds{Clock::now() - began}.count();
    // The last pages may still be on their way, and the call with them.
    for (int i = 0; row.release && i < 1000 && !answered(executioner.result()); ++i) {
        (void)executioner.poll(Clock::now(), true);
        ::usleep(1000);
    }
    executioner.finish();
    row.released += executioner.result().released;
    return back ? took : Milliseconds{options.limit}.count();
}

/// At the end of a run nobody starves the victim any more, so it is gone before the next.
void wait_until_idle(const Executioner& executioner) {
    while (!executioner.idle())
        ::usleep(1000);
}

std::string text_of(double ms, const Options& options) {
    std::array<char, 32> text{};
    if (ms >= Milliseconds{options.limit}.count())
        std::snprintf(text.data(), text.size(), "> %.0f", ms);
    else
        std::snprintf(text.data(), text.size(), ms < 10 ? "%.1f" : "%.0f", ms);
    return text.data();
}

double median_of(const Row& row) {
    std::vector<double> sorted = row.times;
    std::ranges::sort(sorted);
    return sorted[sorted.size() / 2];
}

void print(const std::vector<Row>& rows, const Options& options) {
    std::printf("%s, %zu MiB, %zu runs each, %ld CPUs; ms from the decision until 90 %% of the "
                "memory is back, by %s\n\n",
                is_guest() ? "guest" : "native", options.mib, options.runs,
                ::sysconf(_SC_NPROCESSORS_ONLN), MemoryGauge::source());
    std::puts("| victim     | release | boost |    min | median |    max | released by reapd |");
    std::puts("|------------|---------|-------|--------|--------|--------|-------------------|");
    for (const Row& row : rows) {
        const auto [min, max] = std::ranges::minmax(row.times);
        std::printf("| %-10s | %-7s | %-5s | %6s | %6s | %6s | %10zu of %-3zu |\n",
                    name_of(row.kind), row.release ? "yes" : "no", row.boost ? "yes" : "no",
                    text_of(min, options).c_str(), text_of(median_of(row), options).c_str(),
                    text_of(max, options).c_str(), row.released, row.times.size());
    }
}

/// Whether release makes the difference that is claimed.
bool holds(const std::vector<Row>& rows) {
    constexpr double multiple = 5;
    constexpr double noise = 50; // ms
    double ordinary = 0;
    for (const Row& row : rows)
        if (row.kind == Kind::Ordinary && row.release)
            ordinary = median_of(row);
    const double bound = multiple * ordinary + noise;
    return std::ranges::all_of(rows, [&](const Row& row) {
        if (row.kind == Kind::Ordinary || (!row.release && row.boost))
            return true;
        return row.release == (median_of(row) <= bound);
    });
}

Options read_options(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        std::size_t value = 0;
        if (i + 1 < argc) {
            const std::string_view text = argv[i + 1];
            std::from_chars(text.data(), text.data() + text.size(), value);
        }
        if (name == "--check") {
            options.check = true;
            continue;
        }
        if (value == 0 || (name != "--runs" && name != "--mib" && name != "--limit")) {
            std::fputs("usage: bench-starved [--runs N] [--mib N] [--limit MS] [--check]\n",
                       stderr);
            std::exit(2);
        }
        ++i;
        (name == "--runs" ? options.runs : name == "--mib" ? options.mib : value) = value;
        if (name == "--limit")
            options.limit = std::chrono::milliseconds{value};
    }
    return options;
}

} // namespace

int main(int argc, char** argv) {
    const Options options = read_options(argc, argv);
    if (hierarchy().empty()) {
        std::fputs("bench-starved: no cgroup2 hierarchy in which we may make cgroups\n", stderr);
        return 77;
    }
    const Fd proc{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    Executioner executioner;
    if (!executioner.start({}, proc.get()))
        return 1;
    std::vector<Row> rows;
    for (const Kind kind : {Kind::Ordinary, Kind::Nice19, Kind::Idle}) {
        rows.push_back({.kind = kind, .release = true, .boost = true});
        rows.push_back({.kind = kind, .release = false, .boost = true});
        rows.push_back({.kind = kind, .release = false, .boost = false});
    }
    for (std::size_t run = 0; run < options.runs; ++run)
        for (Row& row : rows) {
            wait_until_idle(executioner);
            row.times.push_back(measure(executioner, row, options));
        }
    print(rows, options);
    return options.check && !holds(rows) ? 1 : 0;
}
