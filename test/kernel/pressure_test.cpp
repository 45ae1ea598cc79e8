// SPDX-License-Identifier: LGPL-2.1-or-later

/// What reapd relies on about pressure stall information and its triggers.

#include "catch.hpp"
#include "native/world.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

using namespace reapd;
using namespace reapd::test;

namespace {

// Every kernel and every privilege takes multiples of 2 s.
constexpr std::string_view trigger = "full 100000 2000000";

/// Whether the kernel took the trigger; the terminating zero belongs to what it reads.
bool set_trigger(const Fd& file) {
    return ::write(file.get(), trigger.data(), trigger.size() + 1) > 0;
}

Fd open_pressure(const Cgroup& cgroup, const char* name, int flags) {
    return Fd{::openat(cgroup.dir().get(), name, flags | O_CLOEXEC | O_NONBLOCK)};
}

bool pressure_offered() {
    if (!cgroups_offered())
        return false;
    const Cgroup trial;
    if (!trial.read("memory.pressure").empty())
        return true;
    skip("no pressure files in cgroups (psi=0, or built without)");
    return false;
}

std::string total_of(const std::string& text) {
    const std::size_t at = text.find("total=");
    return text.substr(at, text.find('\n', at) - at);
}

std::string average_of(const std::string& text) { return text.substr(0, text.find(" total=")); }

} // namespace

TEST_CASE("a trigger of a cgroup that is removed answers with an error, again and again") {
    if (!pressure_offered())
        return;
    Cgroup cgroup;
    const Fd file = open_pressure(cgroup, "memory.pressure", O_RDWR);
    REQUIRE(set_trigger(file));
    pollfd event{.fd = file.get(), .events = POLLPRI, .revents = 0};
    CHECK(::poll(&event, 1, 0) == 0);

    cgroup.remove();

    CHECK(::poll(&event, 1, 5000) == 1);
    CHECK(event.revents == (POLLPRI | POLLERR));
    CHECK(::poll(&event, 1, 0) == 1); // Until it is closed.
}

TEST_CASE("one descriptor takes one trigger") {
    if (!pressure_offered())
        return;
    const Cgroup cgroup;
    const Fd file = open_pressure(cgroup, "memory.pressure", O_RDWR);
    REQUIRE(set_trigger(file));
    CHECK_FALSE(set_trigger(file));
    CHECK(errno == EBUSY);
}

TEST_CASE("a window that is no multiple of 2 s needs a privilege or is taken") {
    if (!pressure_offered())
        return;
    const Cgroup cgroup;
    const Fd file = open_pressure(cgroup, "memory.pressure", O_RDWR);
    constexpr char text[] = "full 100000 500000";
    const bool taken = ::write(file.get(), text, sizeof text) > 0;
    constexpr int cap_sys_resource = 24;
    CHECK(taken == has_capability(cap_sys_resource));
    if (!taken)
        CHECK(errno == EINVAL);
}

TEST_CASE("total= is fresh at every reading, the averages are not") {
    if (!pressure_offered())
        return;
    const Cgroup cgroup;
    // Memory stall needs a memory limit, which not every hierarchy has; the code is the same for
    // the CPU: two busy loops that share one are short of it all the time.
    const auto be_busy = [] {
        if (::fork() != 0)
            return;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
        ::sched_setaffinity(0, sizeof one, &one);
        if (::fork() >= 0)
            for (volatile bool on = true; on;) {
            }
    };
    const Child busy{cgroup, be_busy};
    REQUIRE(eventually([&] { return total_of(cgroup.read("cpu.pressure")) != "total=0"; }));
    // Averages change every 2 s: of ten readings within 0.2 s at most two differ from the last.
    int fresh = 0;
    int averaged = 0;
    std::string before = cgroup.read("cpu.pressure");
    for (int i = 0; i < 10; ++i) {
        ::usleep(20000);
        const std::string now = cgroup.read("cpu.pressure");
        fresh += total_of(now) != total_of(before) ? 1 : 0;
        averaged += average_of(now) != average_of(before) ? 1 : 0;
        before = now;
    }
    CHECK(fresh >= 8);
    CHECK(averaged <= 2);
}

TEST_CASE("the pressure of a cgroup ends with ENODEV when it is removed") {
    if (!pressure_offered())
        return;
    Cgroup cgroup;
    const Fd file = open_pressure(cgroup, "memory.pressure", O_RDONLY);
    cgroup.remove();
    char text[64];
    CHECK(::read(file.get(), text, sizeof text) < 0);
    CHECK(errno == ENODEV);
}
