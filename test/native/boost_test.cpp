// SPDX-License-Identifier: LGPL-2.1-or-later

/// A victim that gets no CPU gets some, and its cgroup is as before when it is over.

#include "act/work.hpp"
#include "catch.hpp"
#include "native/killing.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <memory>

using namespace reapd;
using namespace reapd::test;

TEST_CASE("an idle, nice, pinned victim becomes an ordinary one 50 ms after the signal") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    Child victim{cgroup, [] {
                     const sched_param none{};
                     cpu_set_t first;
                     CPU_ZERO(&first);
                     CPU_SET(0, &first);
                     if (::sched_setaffinity(0, sizeof first, &first) != 0 ||
                         ::sched_setscheduler(0, SCHED_IDLE, &none) != 0 ||
                         ::setpriority(PRIO_PROCESS, 0, 19) != 0)
                         ::_exit(EXIT_FAILURE);
                 }};
    const auto victim_id = static_cast<id_t>(victim.pid());
    // Held at its exit, so that there is somebody to look at.
    REQUIRE(::ptrace(PTRACE_SEIZE, victim.pid(), nullptr, PTRACE_O_TRACEEXIT) == 0);
    Killer killer;
    Executioner& executioner = killer.executioner();
    REQUIRE(eventually([&] { // The time for it may pass on a busy machine.
        return executioner.collect_cgroup(cgroup.dir().get()) == Collected::Ready &&
               executioner.result().processes == 1;
    }));
    executioner.execute({});
    const TimePoint signalled = std::chrono::steady_clock::now();

    executioner.poll(signalled + std::chrono::milliseconds{60}, true);
    CHECK_FALSE(executioner.result().boosted); // The memory is back.
    executioner.poll(signalled + std::chrono::milliseconds{60}, false);
    CHECK(executioner.result().boosted);
    CHECK(eventually([&] {
        return ::sched_getscheduler(victim.pid()) == SCHED_OTHER &&
               ::getpriority(PRIO_PROCESS, victim_id) == 0;
    }));
    cpu_set_t ours;
    REQUIRE(::sched_getaffinity(0, sizeof ours, &ours) == 0);
    CHECK(eventually([&] {
        cpu_set_t now;
        return ::sched_getaffinity(victim.pid(), sizeof now, &now) == 0 &&
               CPU_COUNT(&now) >= CPU_COUNT(&ours);
    }));
    executioner.finish();
    ::ptrace(PTRACE_CONT, victim.pid(), nullptr, 0);
    CHECK(victim.was_killed());
}

TEST_CASE("limits of the CPU are lifted, and written back at the end") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    if (cgroup.read("cpu.max").empty()) {
        skip("no cpu controller on the cgroup2 hierarchy");
        return;
    }
    REQUIRE(cgroup.write("cpu.max", "1000 100000"));
    REQUIRE(cgroup.write("cpu.weight", "3"));
    const auto affair = std::make_unique<Affair>();
    const auto scratch = std::make_unique<Scratch>();
    const Surroundings around{};
    affair->open();
    affair->dir = Fd{::fcntl(cgroup.dir().get(), F_DUPFD_CLOEXEC, 0)};

    boost(*affair, *scratch, around);
    CHECK(cgroup.read("cpu.max") == "max 100000\n");
    CHECK(cgroup.read("cpu.weight") == "10000\n");

    unboost(*affair);
    CHECK(cgroup.read("cpu.max") == "1000 100000\n");
    CHECK(cgroup.read("cpu.weight") == "3\n");
    affair->close();
}
