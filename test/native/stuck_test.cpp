// SPDX-License-Identifier: LGPL-2.1-or-later

/// Threads that the kernel holds up cost neither this kill nor the next. A stopped thread stands
/// for one that waits for a kernel lock: both do nothing until somebody else lets them.

#include "catch.hpp"
#include "native/killing.hpp"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <vector>

using namespace reapd;
using namespace reapd::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

/// Thread ids of the pool, in the order in which they were made: the tree's three come first.
std::vector<pid_t> pool_threads() {
    std::vector<pid_t> threads;
    for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"})
        if (read_file(task.path() / "comm") == "reapd-pool\n")
            threads.push_back(std::stoi(task.path().filename()));
    std::ranges::sort(threads);
    return threads;
}

/// Holds threads of ours in their tracks, through another process that traces them.
class Stopped {
public:
    explicit Stopped(const std::vector<pid_t>& threads)
        : tracer_{[&threads] {
              for (const pid_t thread : threads) {
                  if (::ptrace(PTRACE_SEIZE, thread, nullptr, 0) != 0 ||
                      ::ptrace(PTRACE_INTERRUPT, thread, nullptr, 0) != 0)
                      ::_exit(EXIT_FAILURE);
                  ::waitpid(thread, nullptr, __WALL);
              }
          }} {}

private:
    Child tracer_; ///< its end sets them free
};

bool may_trace() {
    // Where Yama is, only descendants may be traced unless we say so.
    ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    const pid_t tracer = ::fork();
    if (tracer == 0)
        ::_exit(::ptrace(PTRACE_SEIZE, ::getppid(), nullptr, 0) == 0 ? 0 : 1);
    int status = 0;
    ::waitpid(tracer, &status, 0);
    if (status == 0)
        return true;
    skip("a process of ours may not trace us");
    return false;
}

} // namespace

TEST_CASE("when cgroup.kill does not return, the guard signals after 22 ms") {
    if (!cgroups_offered() || !may_trace())
        return;
    const Cgroup cgroup;
    std::vector<Child> victims;
    victims.reserve(20);
    for (int i = 0; i < 20; ++i)
        victims.emplace_back(cgroup, [] { use_memory(2); });
    Killer killer;
    Executioner& executioner = killer.executioner();
    REQUIRE(eventually([&] {
        return executioner.collect_cgroup(cgroup.dir().get()) == Collected::Ready &&
               executioner.result().processes == 20;
    }));
    std::vector<pid_t> threads = pool_threads();
    REQUIRE(threads.size() == 5);
    threads.resize(3);
    {
        const Stopped stopped{threads};
        const std::array dirs{cgroup.dir().get()};
        const TimePoint before = Clock::now();
        executioner.execute({.unit_dirs = dirs});
        const auto took = Clock::now() - before;

        CHECK(took >= 22ms);
        CHECK(took < 500ms); // It waited 22 ms; the rest is a busy machine's.
        CHECK(executioner.result().kill_late);
        CHECK(executioner.result().signalled == 20);
        for (Child& victim : victims)
            CHECK(victim.was_killed());
        // The threads that release memory were not held up.
        CHECK(eventually([&] {
            executioner.poll(Clock::now(), true);
            return executioner.result().released + executioner.result().esrch == 20;
        }));
        const TimePoint end = Clock::now();
        executioner.finish();
        CHECK(Clock::now() - end < 500ms);
        CHECK(executioner.result().held_up > 0);
        CHECK_FALSE(executioner.idle()); // Nobody is there for the tree's locks.
    }
    CHECK(eventually([&] { return executioner.idle(); }));
}

TEST_CASE("who holds up the look at his cgroup is not spared for it") {
    if (!cgroups_offered() || !may_trace())
        return;
    const Cgroup cgroup;
    Child victim{cgroup, [] { use_memory(2); }};
    Killer killer;
    Executioner& executioner = killer.executioner();
    {
        std::vector<pid_t> threads = pool_threads();
        REQUIRE(threads.size() == 5);
        threads.resize(3);
        const Stopped stopped{threads};
        CHECK(executioner.collect_cgroup(cgroup.dir().get()) == Collected::Ready);
        CHECK(executioner.result().processes == 0);
        executioner.execute({});
        CHECK(executioner.result().kill_late);
    }
    CHECK(victim.was_killed()); // As soon as the kernel lets go.
    CHECK(eventually([&] { return executioner.poll(Clock::now(), true); }));
    executioner.finish();
    CHECK(executioner.result().survivors == 0);
    CHECK(executioner.result().held_up == 0);
}

TEST_CASE("who holds up the look at a process does not get another killed instead") {
    if (!cgroups_offered() || !may_trace())
        return;
    const Cgroup session;
    const Child shell{session, [] {}};
    Child hog{session, [] { use_memory(2); }};
    Killer killer;
    Executioner& executioner = killer.executioner();
    const std::array<pid_t, 1> pids{hog.pid()};
    {
        std::vector<pid_t> threads = pool_threads();
        REQUIRE(threads.size() == 5);
        threads.resize(3);
        const Stopped stopped{threads};
        CHECK(executioner.collect_processes(session.dir().get(), pids) == Collected::Ready);
        executioner.execute({.whole = false});
        CHECK_FALSE(executioner.poll(Clock::now(), true));
        CHECK(hog.lives());
    }
    CHECK(eventually([&] { return executioner.poll(Clock::now(), true); }));
    CHECK(hog.was_killed());
    CHECK(shell.lives());
    executioner.finish();
    CHECK(executioner.result().processes == 1);
}

TEST_CASE("one stuck thread in each lane leaves the next kills free") {
    if (!cgroups_offered() || !may_trace())
        return;
    Killer killer;
    const std::vector<pid_t> threads = pool_threads();
    REQUIRE(threads.size() == 5);
    const Stopped stopped{{threads[0], threads[1], threads[3]}};
    for (int i = 0; i < 10; ++i) {
        const Cgroup cgroup;
        Child victim{cgroup, [] { use_memory(2); }};
        const std::array dirs{cgroup.dir().get()};
        REQUIRE(eventually([&] { return killer.executioner().idle(); }));
        const Killing killing = killer.kill(cgroup, {.unit_dirs = dirs});
        REQUIRE(killing.done == true);
        REQUIRE(victim.was_killed());
    }
}

TEST_CASE("a storm of mkdir in the victim's tree does not delay the signal for long") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    Child victim{cgroup, [] { use_memory(8); }};
    std::vector<Child> storm;
    storm.reserve(4);
    for (int i = 0; i < 4; ++i)
        storm.emplace_back([&cgroup, i] {
            if (::fork() != 0)
                return;
            ::prctl(PR_SET_PDEATHSIG, SIGKILL); // So that it ends with its parent.
            const sched_param none{};
            ::sched_setscheduler(0, SCHED_IDLE, &none);
            const std::string path = cgroup.path() + "/storm" + std::to_string(i);
            for (;;) {
                ::mkdir(path.c_str(), 0755);
                ::rmdir(path.c_str());
            }
        });
    Killer killer;

    const Killing killing = killer.kill(cgroup);

    CHECK(killing.collected == Collected::Ready);
    CHECK(killing.done == true);
    CHECK(victim.was_killed());
    CHECK(killing.result.until_signal < 500ms); // Bounded by 22 ms of waiting, plus a busy machine.
    storm.clear();
    for (int i = 0; i < 4; ++i) {
        const std::string path = cgroup.path() + "/storm" + std::to_string(i);
        CHECK(eventually([&] { return ::rmdir(path.c_str()) == 0 || errno == ENOENT; }));
    }
}
