// SPDX-License-Identifier: LGPL-2.1-or-later

/// Killing one process with its descendants inside a cgroup that lives on, such as a login shell's.

#include "catch.hpp"
#include "native/killing.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

using namespace reapd;
using namespace reapd::test;

namespace {

void wait_for_ever() {}

/// Numbers that a child of a child can tell the test.
class Shared {
public:
    Shared()
        : numbers_{static_cast<pid_t*>(
              ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))} {
        REQUIRE(numbers_ != MAP_FAILED);
    }
    ~Shared() { ::munmap(numbers_, 4096); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    volatile pid_t& operator[](std::size_t i) const { return numbers_[i]; }

private:
    pid_t* numbers_;
};

/// A shell that has started a program which forks on and on, and so does each child once.
void be_shell_of_bomb(const Shared& pids) {
    if (::fork() != 0)
        return;
    pids[0] = ::getpid();
    for (pid_t forked = 1; forked <= 1000; ++forked) {
        pids[1] = forked;
        if (::fork() == 0) {
            ::fork();
            for (;;)
                ::pause();
        }
        ::usleep(300);
    }
    for (;;)
        ::pause();
}

/// A shell that has started a hog that has started a helper.
void be_shell(const Shared& pids) {
    if (::fork() == 0) {
        pids[0] = ::getpid();
        use_memory(16);
        if (::fork() == 0) {
            use_memory(1);
            pids[1] = ::getpid();
        }
        for (;;)
            ::pause();
    }
}

} // namespace

TEST_CASE("the hog and its child die, the shell lives") {
    if (!cgroups_offered())
        return;
    const Shared pids;
    const Cgroup session;
    const Child shell{session, [&] { be_shell(pids); }};
    const Child other{session, wait_for_ever};
    REQUIRE(eventually([&] { return pids[1] != 0; }));
    Killer killer;

    const std::array<pid_t, 1> hog{pids[0]};
    const Killing killing = killer.kill(session, {.whole = false}, hog);

    CHECK(killing.collected == Collected::Ready);
    CHECK(killing.found == 2);
    CHECK(killing.done == true);
    CHECK(killing.result.signalled >= 2); // Twice when the pool is late.
    CHECK(killing.result.survivors == 0);
    CHECK_FALSE(lives(pids[0]));
    CHECK_FALSE(lives(pids[1]));
    CHECK(shell.lives());
    CHECK(other.lives());
}

TEST_CASE("a process that goes on forking dies with all its children, the shell lives") {
    if (!cgroups_offered())
        return;
    const Shared pids;
    const Cgroup session;
    const Child shell{session, [&] { be_shell_of_bomb(pids); }};
    REQUIRE(eventually([&] { return pids[1] > 5; }));
    Killer killer;

    const std::array<pid_t, 1> bomb{pids[0]};
    const Killing killing = killer.kill(session, {.whole = false}, bomb);

    CHECK(killing.collected == Collected::Ready);
    CHECK(killing.done == true);
    CHECK(pids[1] < 1000); // It was killed while it forked.
    CHECK(killing.result.processes > 10);
    CHECK(eventually(
        [&] { return session.read("cgroup.procs") == std::to_string(shell.pid()) + '\n'; }));
    CHECK(shell.lives());
}

TEST_CASE("a process that is only looked at goes on") {
    if (!cgroups_offered())
        return;
    const Cgroup session;
    const Child shell{session, wait_for_ever};
    const Child hog{session, wait_for_ever};
    Killer killer;

    const std::array<pid_t, 1> pids{hog.pid()};
    CHECK(killer.executioner().collect_processes(session.dir().get(), pids) == Collected::Ready);
    killer.executioner().finish(); // As with DryRun=yes.

    const std::string status = read_file("/proc/" + std::to_string(hog.pid()) + "/status");
    CHECK(status.find("State:\tT") == std::string::npos);
}

TEST_CASE("named processes never become the whole cgroup, whatever the orders say") {
    if (!cgroups_offered())
        return;
    const Cgroup session;
    const Child shell{session, wait_for_ever};
    Child hog{session, wait_for_ever};
    Killer killer;

    const std::array<pid_t, 1> pids{hog.pid()};
    CHECK(killer.kill(session, {.whole = true}, pids).done == true);

    CHECK(hog.was_killed());
    CHECK(shell.lives());
}

TEST_CASE("a process that has moved to another cgroup is left alone") {
    if (!cgroups_offered())
        return;
    const Cgroup session;
    const Cgroup elsewhere;
    const Child moved{elsewhere, wait_for_ever};
    Killer killer;

    const std::array<pid_t, 1> pids{moved.pid()};
    CHECK(killer.kill(session, {.whole = false}, pids).collected == Collected::Empty);
    CHECK(moved.lives());
}

TEST_CASE("a process that is gone is no reason to kill another") {
    if (!cgroups_offered())
        return;
    const Cgroup session;
    const Child shell{session, wait_for_ever};
    pid_t gone = 0;
    {
        Child hog{session, wait_for_ever};
        gone = hog.pid();
    }
    Killer killer;

    CHECK(killer.kill(session, {.whole = false}, std::array{gone}).collected == Collected::Empty);
    CHECK(shell.lives());
}
