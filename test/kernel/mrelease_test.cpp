// SPDX-License-Identifier: LGPL-2.1-or-later

/// What reapd relies on about process_mrelease(2): which errno means what, and that the probe at
/// start has no side effects.

#include "base/mrelease.hpp"

#include "act/syscalls.hpp"
#include "catch.hpp"
#include "native/world.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

using namespace reapd;
using namespace reapd::test;

namespace {

int mrelease(int pidfd, unsigned flags) {
    return ::syscall(SYS_process_mrelease, pidfd, flags) == 0 ? 0 : errno;
}

bool offered() {
    if (mrelease(-1, 0) != ENOSYS)
        return true;
    skip("no process_mrelease before Linux 5.15");
    return false;
}

Fd pidfd_of(pid_t pid) { return Fd{open_pidfd(pid)}; }

/// Kills a process and holds it at the threshold of its exit, its memory intact.
void hold_at_exit(pid_t pid) {
    REQUIRE(::ptrace(PTRACE_SEIZE, pid, nullptr, PTRACE_O_TRACEEXIT) == 0);
    REQUIRE(::kill(pid, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(pid, &status, __WALL) == pid);
    REQUIRE(WIFSTOPPED(status));
}

void let_go(pid_t pid) { ::ptrace(PTRACE_CONT, pid, nullptr, 0); }

int pause_for_ever(void*) {
    for (;;)
        ::pause();
}

pid_t only_child_of(pid_t pid) {
    const std::string number = std::to_string(pid);
    return std::stoi(read_file("/proc/" + number + "/task/" + number + "/children"));
}

} // namespace

TEST_CASE("the probe with descriptor -1 tells flags from no flags") {
    if (!offered())
        return;
    CHECK(mrelease(-1, 0) == EBADF);
    constexpr unsigned unknown_flag = 1U << 29;
    CHECK(mrelease(-1, unknown_flag) == EINVAL); // Flags are looked at before the descriptor.
    const Fd other{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    CHECK(mrelease(other.get(), 0) == EBADF);
}

TEST_CASE("what this kernel does not have is refused, not taken for something else") {
    const ReleaseOffers offers = probe_releases();
    const Child living{[] { use_memory(8); }};
    const Fd pidfd = pidfd_of(living.pid());
    if (!offers.reap_kill)
        CHECK(mrelease(pidfd.get(), release_kill) == (offered() ? EINVAL : ENOSYS));
    if (!offers.bounded)
        CHECK(release_piece(pidfd.get(), 1 << 20).error == (offered() ? EINVAL : ENOSYS));
    if (!offers.expedite)
        CHECK(signal_pidfd(pidfd.get(), SIGKILL, signal_expedite) == EINVAL);
    CHECK(private_mib(living.pid()) >= 8);
    CHECK(living.lives());
}

TEST_CASE("a living process is refused with EINVAL and keeps its memory") {
    if (!offered())
        return;
    const Child living{[] { use_memory(8); }};
    const Fd pidfd = pidfd_of(living.pid());
    CHECK(mrelease(pidfd.get(), 0) == EINVAL);
    CHECK(private_mib(living.pid()) >= 8);
    CHECK(living.lives());
}

TEST_CASE("a dying process gives its memory back while it still exists, also twice") {
    if (!offered())
        return;
    Child dying{[] { use_memory(64); }};
    const Fd pidfd = pidfd_of(dying.pid());
    hold_at_exit(dying.pid());
    CHECK(private_mib(dying.pid()) >= 64);

    CHECK(mrelease(pidfd.get(), 0) == 0);
    CHECK(private_mib(dying.pid()) <= 1); // Newer kernels count roughly.
    CHECK(mrelease(pidfd.get(), 0) == 0);

    let_go(dying.pid());
    CHECK(dying.was_killed());
}

TEST_CASE("a process that has left its memory answers ESRCH, as a zombie and after") {
    if (!offered())
        return;
    Child dead{[] {}};
    const Fd pidfd = pidfd_of(dead.pid());
    REQUIRE(::kill(dead.pid(), SIGKILL) == 0);
    REQUIRE(eventually([&] { return !dead.lives(); }));
    CHECK(mrelease(pidfd.get(), 0) == ESRCH);
    CHECK(dead.was_killed());
    CHECK(mrelease(pidfd.get(), 0) == ESRCH);
}

TEST_CASE("memory shared with a living process is refused until that one dies, too") {
    if (!offered())
        return;
    Child dying{[] {
        use_memory(16);
        static std::array<char, 65536> stack;
        // Not vfork(): the parent has to go on.
        ::clone(pause_for_ever, stack.data() + stack.size(), CLONE_VM | SIGCHLD, nullptr);
    }};
    const pid_t sharer = only_child_of(dying.pid());
    const Fd sharing = pidfd_of(sharer);
    const Fd pidfd = pidfd_of(dying.pid());
    hold_at_exit(dying.pid());

    CHECK(mrelease(pidfd.get(), 0) == EINVAL);
    REQUIRE(signal_pidfd(sharing.get(), SIGKILL) == 0);
    CHECK(eventually([&] { return mrelease(pidfd.get(), 0) == 0; }));

    let_go(dying.pid());
    CHECK(dying.was_killed());
}
