// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "cgroup_fixture.hpp"
#include "sense/process.hpp"
#include "sense/sampler.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atomic>
#include <cstring>

using namespace reapd;

namespace {

Fd open_proc() { return Fd{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)}; }

constexpr std::size_t held = 32 << 20;

/// A child that holds memory in a second thread, while its main thread has exited.
pid_t start_headless(std::atomic<int>* ready) {
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    const auto hold = [](void* flag) -> void* {
        void* const memory =
            ::mmap(nullptr, held, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        std::memset(memory, 1, held);
        static_cast<std::atomic<int>*>(flag)->store(1);
        for (;;)
            ::pause();
    };
    pthread_t thread{};
    (void)::pthread_create(&thread, nullptr, hold, ready);
    ::syscall(SYS_exit, 0);
    ::_exit(1);
}

} // namespace

TEST_CASE("this process is read as it is") {
    const Fd proc = open_proc();
    const auto process = read_process(proc.get(), ::getpid());
    REQUIRE(process);
    CHECK(process->pid == ::getpid());
    CHECK(process->parent == ::getppid());
    CHECK(process->session == ::getsid(0));
    CHECK(process->started > 0);
    CHECK(process->memory.value > 0);
}

TEST_CASE("a process whose main thread has exited shows its memory") {
    const Fd proc = open_proc();
    void* const shared =
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(shared != MAP_FAILED);
    auto* const ready = new (shared) std::atomic<int>{0};
    const pid_t child = start_headless(ready);
    REQUIRE(child > 0);
    while (ready->load() == 0)
        ::sched_yield();
    // The main thread may have a few instructions to go.
    Result<ProcessSample> process;
    for (int i = 0; i < 1000; ++i) {
        process = read_process(proc.get(), child);
        ::sched_yield();
    }
    REQUIRE(process);
    CHECK(process->memory >= Bytes{held});
    REQUIRE(::kill(child, SIGKILL) == 0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    CHECK_FALSE(read_process(proc.get(), child));
    (void)::munmap(shared, 4096);
}

TEST_CASE("a zombie has no memory") {
    const Fd proc = open_proc();
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    siginfo_t info{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
    const auto process = read_process(proc.get(), child);
    REQUIRE(process);
    CHECK(process->memory == Bytes{0});
    REQUIRE(::waitpid(child, nullptr, 0) == child);
}

TEST_CASE("an empty cgroup is not populated, a removed one is gone") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    cgroup.make("a");
    const Fd dir{::openat(cgroup.dir(), "a", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const auto remains = read_remains(dir.get());
    REQUIRE(remains);
    CHECK_FALSE(remains->populated);
    CHECK(remains->memory == Bytes{0});

    Row row;
    row.dir = dir.get();
    row.parent = 0;
    cgroup.remove("a");
    measure(row, TimePoint{});
    CHECK_FALSE(row.measurable);
    CHECK_FALSE(read_one_unit(row));
    const auto gone = read_remains(dir.get());
    REQUIRE_FALSE(gone);
    CHECK((gone.error().code == ENOENT || gone.error().code == ENODEV));
    CHECK_FALSE(read_pressure(Machine{.proc = open_proc()}, row));
}

TEST_CASE("the running machine is probed") {
    const Fd proc = open_proc();
    std::stringstream mounts;
    mounts << std::ifstream{"/proc/self/mounts"}.rdbuf();
    const std::string place = find_unified(mounts.str());
    const Machine machine{.proc = open_proc(),
                          .cgroups = Fd{::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}};
    const Features features = probe_features(machine);
    CHECK(features.meminfo);
    CHECK(read_meminfo(machine)->total.value > 0);
    CHECK(features.unified == !place.empty());
    CHECK(features.psi == read_pressure(machine, Row{}).has_value());
    CHECK((features.smallest_window.count() > 0 || !features.privileged_triggers));
    // Probing leaves nothing behind.
    CHECK(probe_features(machine) == features);
}
