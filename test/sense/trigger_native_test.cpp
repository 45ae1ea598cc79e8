// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "cgroup_fixture.hpp"
#include "sense/trigger.hpp"

#include <poll.h>
#include <sys/epoll.h>

#include <chrono>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

// What every kernel takes without any privilege.
constexpr TriggerPlan unprivileged{.kind = StallKind::Full, .stall = 1s, .window = 2s};

/// Whether cgroups have memory.pressure at all here; said when not.
bool has_pressure(const TestCgroup& cgroup) {
    if (::faccessat(cgroup.dir(), "memory.pressure", R_OK | W_OK, 0) == 0)
        return true;
    std::cout << "SKIP: " << Catch::getResultCapture().getCurrentTestName()
              << ": no PSI on this kernel\n";
    return false;
}

} // namespace

TEST_CASE("a trigger is quiet while nothing stalls and rings an error when its cgroup goes") {
    const TestCgroup cgroup;
    if (!cgroup || !has_pressure(cgroup))
        return;
    cgroup.make("a");
    const Fd dir{::openat(cgroup.dir(), "a", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const auto trigger = open_trigger(dir.get(), false, unprivileged);
    REQUIRE(trigger);

    const Fd epoll{::epoll_create1(EPOLL_CLOEXEC)};
    epoll_event asked{.events = EPOLLPRI, .data = {}};
    REQUIRE(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, trigger->get(), &asked) == 0);
    epoll_event told{};
    CHECK(::epoll_wait(epoll.get(), &told, 1, 0) == 0);

    cgroup.remove("a");
    REQUIRE(::epoll_wait(epoll.get(), &told, 1, 1000) == 1);
    CHECK((told.events & EPOLLPRI) != 0);
    CHECK((told.events & EPOLLERR) != 0);
}

TEST_CASE("a trigger stands on the whole machine") {
    const Fd proc{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (::access("/proc/pressure/memory", W_OK) != 0) {
        std::cout << "SKIP: a trigger stands on the whole machine: no writable PSI\n";
        return;
    }
    CHECK(open_trigger(proc.get(), true, unprivileged));
    CHECK(open_trigger(proc.get(), true, {.kind = StallKind::Some, .stall = 1s, .window = 2s}));
}

TEST_CASE("a window that the kernel does not take is an error") {
    const TestCgroup cgroup;
    if (!cgroup || !has_pressure(cgroup))
        return;
    const auto code = [&](Microseconds stall, Microseconds window) {
        const auto trigger = open_trigger(
            cgroup.dir(), false, {.kind = StallKind::Full, .stall = stall, .window = window});
        return trigger ? 0 : trigger.error().code;
    };
    CHECK(code(1s, 2s) == 0);
    CHECK(code(1s, 10s) == 0);
    CHECK(code(1s, 12s) == EINVAL); // at most 10 s
    CHECK(code(1s, 0s) == EINVAL);
    CHECK(code(3s, 2s) == EINVAL);
    CHECK(code(0s, 2s) == EINVAL);
}

TEST_CASE("a cgroup that is gone takes no trigger") {
    const TestCgroup cgroup;
    if (!cgroup || !has_pressure(cgroup))
        return;
    cgroup.make("a");
    const Fd dir{::openat(cgroup.dir(), "a", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    cgroup.remove("a");
    const auto trigger = open_trigger(dir.get(), false, unprivileged);
    REQUIRE_FALSE(trigger);
    CHECK((trigger.error().code == ENOENT || trigger.error().code == ENODEV));
}
