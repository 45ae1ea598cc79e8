// SPDX-License-Identifier: LGPL-2.1-or-later

/// Processes that a simple killer misses, and those that it must leave alone.

#include "act/work.hpp"
#include "catch.hpp"
#include "native/killing.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <thread>

using namespace reapd;
using namespace reapd::test;

namespace {

void wait_for_ever() {}

/// Forks a process whose main thread ends while another lives on with memory.
pid_t fork_without_main_thread() {
    const pid_t pid = ::fork();
    if (pid == 0) {
        std::thread{[] {
            use_memory(32);
            for (;;)
                ::pause();
        }}.detach();
        ::syscall(SYS_exit, 0); // This thread alone, not the process.
    }
    return pid;
}

bool main_thread_is_gone(pid_t pid) {
    const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    return stat.find(") Z ") != std::string::npos;
}

bool set_adjustment(const char* value) {
    const Fd file{::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)};
    const std::string_view text{value};
    return ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool can_exempt() {
    if (has_capability(CAP_SYS_RESOURCE))
        return true;
    skip("lowering oom_score_adj needs CAP_SYS_RESOURCE");
    return false;
}

void become_exempt() {
    if (!set_adjustment("-1000"))
        ::_exit(EXIT_FAILURE);
}

} // namespace

TEST_CASE("a process whose main thread has exited dies") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    pid_t* const pid = static_cast<pid_t*>(
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    REQUIRE(pid != MAP_FAILED);
    Child parent{cgroup, [pid] { *pid = fork_without_main_thread(); }};
    REQUIRE(eventually([&] { return main_thread_is_gone(*pid); }));
    Killer killer;

    const Killing killing = killer.kill(cgroup);

    CHECK(killing.done == true);
    CHECK(killing.result.survivors == 0);
    CHECK_FALSE(cgroup.populated());
    CHECK(parent.was_killed());
    ::munmap(pid, 4096);
}

TEST_CASE("a process whose main thread has exited dies without process_mrelease, too") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    Child parent{cgroup, [] { (void)fork_without_main_thread(); }};
    Killer killer;

    CHECK(killer.kill(cgroup, {.release = Release::No}).done == true);
    CHECK_FALSE(cgroup.populated());
    CHECK(parent.was_killed());
}

TEST_CASE("a kernel without cgroup.kill kills a fork bomb all the same") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    const Child bomb{cgroup, [] { be_fork_bomb(100); }};
    CHECK(eventually([&] { return cgroup.read("cgroup.procs").size() > 150; }));
    const auto affair = std::make_unique<Affair>();
    const auto scratch = std::make_unique<Scratch>();
    affair->open();
    affair->dir = Fd{::fcntl(cgroup.dir().get(), F_DUPFD_CLOEXEC, 0)};

    CHECK(kill_by_freezing(*affair, *scratch));
    CHECK(eventually([&] { return !cgroup.populated(); }));
    CHECK(cgroup.read("cgroup.freeze") == "0\n");
}

TEST_CASE("nobody dies when every process is exempt") {
    if (!cgroups_offered() || !can_exempt())
        return;
    const Cgroup cgroup;
    const Cgroup inner{cgroup, "inner"};
    const Child first{inner, become_exempt};
    const Child second{inner, become_exempt};
    Killer killer;

    CHECK(killer.kill(cgroup).collected == Collected::Exempt);
    CHECK(first.lives());
    CHECK(second.lives());
}

TEST_CASE("nobody dies when the main process is exempt") {
    if (!cgroups_offered() || !can_exempt())
        return;
    const Cgroup cgroup;
    const Child main{cgroup, become_exempt};
    const Child worker{cgroup, wait_for_ever};
    Killer killer;

    CHECK(killer.kill(cgroup).collected == Collected::Exempt);
    CHECK(main.lives());
    CHECK(worker.lives());
}

TEST_CASE("one exempt process among others saves neither them nor itself") {
    if (!cgroups_offered() || !can_exempt())
        return;
    const Cgroup cgroup;
    Child main{cgroup, wait_for_ever};
    Child exempt{cgroup, become_exempt};
    Killer killer;

    CHECK(killer.kill(cgroup).done == true);
    CHECK(main.was_killed());
    CHECK(exempt.was_killed());
}

TEST_CASE("who makes his cgroup unreadable dies when we may read it all the same") {
    if (!cgroups_offered())
        return;
    if (!has_capability(CAP_DAC_OVERRIDE)) {
        skip("needs CAP_DAC_OVERRIDE");
        return;
    }
    const Cgroup cgroup;
    Child victim{cgroup, wait_for_ever};
    REQUIRE(::fchmod(cgroup.dir().get(), 0) == 0);
    Killer killer;

    CHECK(killer.kill(cgroup).done == true);
    CHECK(victim.was_killed());
}
