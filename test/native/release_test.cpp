// SPDX-License-Identifier: LGPL-2.1-or-later

/// The memory is back before the victim has had a CPU to give it back itself. The victim is held
/// by ptrace at the threshold of its exit: dying, with all of its memory, for as long as the test
/// needs. No load and no timing.

#include "base/mrelease.hpp"
#include "catch.hpp"
#include "native/killing.hpp"
#include "native/quiet.hpp"

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

using namespace reapd;
using namespace reapd::test;

namespace {

/// Stops a process of ours when it is about to exit.
class HeldAtExit {
public:
    explicit HeldAtExit(pid_t pid) : pid_{pid} {
        REQUIRE(::ptrace(PTRACE_SEIZE, pid, nullptr, PTRACE_O_TRACEEXIT) == 0);
    }
    ~HeldAtExit() { ::ptrace(PTRACE_CONT, pid_, nullptr, 0); }
    HeldAtExit(const HeldAtExit&) = delete;
    HeldAtExit& operator=(const HeldAtExit&) = delete;

    /// Of a process that was signalled. It can be released before it has come to its exit.
    void let_go() const {
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOWAIT);
        ::ptrace(PTRACE_CONT, pid_, nullptr, 0);
    }

private:
    pid_t pid_;
};

struct Killed {
    KillResult result{};
    std::size_t mib_left = 0; ///< while the victim still exists
    bool existed = false;
};

constexpr std::size_t held_mib = 72; // two pieces and a bit, for a kernel that releases in pieces

constexpr const char* victim_case = "the victim: holds memory and does nothing";

/// Runs a program that does that, as real victims do.
void become_victim() {
    ::execl("/proc/self/exe", "victim", victim_case, "--out", "/dev/null", nullptr);
    ::_exit(EXIT_FAILURE);
}

Killed kill_held(const Orders& orders, int expected_calls,
                 const ReleaseOffers& releases = probe_releases()) {
    const Cgroup cgroup;
    Child victim{cgroup, become_victim};
    REQUIRE(eventually([&] { return private_mib(victim.pid()) >= held_mib; }));
    const HeldAtExit held{victim.pid()};
    Killer killer{{.releases = releases}};
    Executioner& executioner = killer.executioner();
    REQUIRE(eventually([&] {
        return executioner.collect_cgroup(cgroup.dir().get()) == Collected::Ready &&
               executioner.result().processes == 1;
    }));

    {
        const Quiet quiet;
        executioner.execute(orders);
    }
    const auto calls = [&] {
        const auto now = std::chrono::steady_clock::now();
        CHECK_FALSE(executioner.poll(now, false));
        const KillResult& result = executioner.result();
        return static_cast<int>(result.released + result.esrch + result.einval + result.refused);
    };
    if (expected_calls > 0)
        CHECK(eventually([&] { return calls() >= expected_calls; }));
    else
        std::this_thread::sleep_for(std::chrono::milliseconds{100});

    Killed killed{.result = executioner.result(),
                  .mib_left = private_mib(victim.pid()),
                  .existed = cgroup.populated()};
    held.let_go();
    CHECK(victim.was_killed());
    CHECK(eventually([&] { return executioner.poll(std::chrono::steady_clock::now(), true); }));
    executioner.finish();
    return killed;
}

} // namespace

TEST_CASE(victim_case, "[.]") {
    use_memory(held_mib);
    for (;;)
        ::pause();
}

TEST_CASE("memory is back while the victim still exists, with Release=bounded in pieces") {
    if (!cgroups_offered())
        return;
    // Where the kernel has no pieces, bounded means all at once.
    const Release release = GENERATE(Release::Yes, Release::Bounded);
    CAPTURE(release);
    const Killed killed = kill_held({.release = release}, 1);

    if (killed.result.refused > 0) {
        skip("this kernel has no process_mrelease");
        return;
    }
    CHECK(killed.existed);
    CHECK(killed.result.released == 1);
    CHECK(killed.mib_left <= 1); // Newer kernels count roughly.
}

TEST_CASE(
    "with Release=bounded memory stays while nobody waits for it, and goes when somebody does") {
    if (!cgroups_offered())
        return;
    if (!probe_releases().bounded) {
        skip("this kernel's process_mrelease takes no bounds");
        return;
    }
    const Cgroup cgroup;
    Child victim{cgroup, [] { use_memory(held_mib); }};
    const HeldAtExit held{victim.pid()};
    Killer killer{{.releases = {.bounded = true}}};
    Executioner& executioner = killer.executioner();
    REQUIRE(eventually([&] {
        return executioner.collect_cgroup(cgroup.dir().get()) == Collected::Ready &&
               executioner.result().processes == 1;
    }));
    executioner.relieve(true);
    executioner.execute({.release = Release::Bounded});
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    CHECK(private_mib(victim.pid()) >= held_mib);

    executioner.relieve(false);
    CHECK(eventually([&] { return private_mib(victim.pid()) <= 1; }));

    held.let_go();
    CHECK(victim.was_killed());
    CHECK(eventually([&] { return executioner.poll(std::chrono::steady_clock::now(), true); }));
    executioner.finish();
    CHECK(executioner.result().calls == release_call::bounded);
}

TEST_CASE("a kernel that refuses the calls which it seemed to have costs no kill and no memory") {
    if (!cgroups_offered())
        return;
    const auto seeming = GENERATE(ReleaseOffers{.reap_kill = true}, ReleaseOffers{.expedite = true},
                                  ReleaseOffers{.reap_kill = true, .expedite = true});
    CAPTURE(seeming.reap_kill, seeming.expedite);
    const Killed killed = kill_held({}, 1, seeming);

    if (killed.result.refused > 0) {
        skip("this kernel has no process_mrelease");
        return;
    }
    CHECK(((killed.result.calls & release_call::reap_kill) != 0) == seeming.reap_kill);
    CHECK(killed.result.released == 1);
    CHECK(killed.mib_left <= 1);
}

TEST_CASE("only who has run a program of his own is killed by the call that kills all who share "
          "his memory") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    const bool program = GENERATE(true, false);
    CAPTURE(program);
    const Child starter{[&] {
        if (::fork() != 0)
            return;
        if (!cgroup.write("cgroup.procs", "0"))
            ::_exit(EXIT_FAILURE);
        if (program)
            ::execl("/bin/sleep", "sleep", "1000", nullptr);
        for (;;)
            ::pause();
    }};
    REQUIRE(eventually([&] {
        const std::string pid = cgroup.read("cgroup.procs");
        return !pid.empty() && (!program || read_file("/proc/" + std::to_string(std::stoi(pid)) +
                                                      "/comm") == "sleep\n");
    }));
    Killer killer{{.releases = {.reap_kill = true}}};

    const Killing killing = killer.kill(cgroup);

    CHECK(killing.done == true);
    CHECK_FALSE(cgroup.populated());
    CHECK(((killing.result.calls & release_call::reap_kill) != 0) == program);
}

TEST_CASE("with Release=no the memory stays until the victim has exited") {
    if (!cgroups_offered())
        return;
    const Killed killed = kill_held({.release = Release::No}, 0);

    CHECK(killed.existed);
    CHECK(killed.result.released == 0);
    CHECK(killed.result.calls == 0);
    CHECK(killed.mib_left >= held_mib);
}

TEST_CASE("a victim that is not dying is not reaped by mistake") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    const Child living{cgroup, [] { use_memory(8); }};
    Killer killer;
    Executioner& executioner = killer.executioner();

    REQUIRE(eventually([&] {
        return executioner.collect_cgroup(cgroup.dir().get()) == Collected::Ready &&
               executioner.result().processes == 1;
    }));
    executioner.finish(); // The guard thought better of it.

    CHECK(living.lives());
    CHECK(private_mib(living.pid()) >= 8);
    CHECK(executioner.idle());
}
