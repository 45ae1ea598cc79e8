// SPDX-License-Identifier: LGPL-2.1-or-later

/// What reapd relies on and no manual promises: control groups and pidfds. When a kernel changes
/// one of these, this test says which, before anybody's OOM killer does.

#include "catch.hpp"
#include "native/world.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <thread>

using namespace reapd;
using namespace reapd::test;

namespace {

void wait_for_ever() {}

int error_of(auto result) { return result < 0 ? errno : 0; }

bool writes(const Fd& file, std::string_view text) {
    return ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

Fd open_in(const Cgroup& cgroup, const char* name, int flags) {
    return Fd{::openat(cgroup.dir().get(), name, flags | O_CLOEXEC)};
}

/// A process whose main thread has exited while another lives.
pid_t fork_without_main_thread() {
    const pid_t pid = ::fork();
    if (pid == 0) {
        std::thread{[] {
            for (;;)
                ::pause();
        }}.detach();
        ::syscall(SYS_exit, 0);
    }
    return pid;
}

} // namespace

TEST_CASE("in a removed cgroup open files answer ENODEV and names ENOENT") {
    if (!cgroups_offered())
        return;
    Cgroup cgroup;
    const Fd procs = open_in(cgroup, "cgroup.procs", O_RDONLY);
    const Fd kill = open_in(cgroup, "cgroup.kill", O_WRONLY);
    const Fd stat = open_in(cgroup, "cgroup.stat", O_RDONLY);
    REQUIRE(stat);
    cgroup.remove();

    std::array<char, 64> text{};
    CHECK(error_of(::read(procs.get(), text.data(), text.size())) == ENODEV);
    CHECK(error_of(::read(stat.get(), text.data(), text.size())) == ENODEV);
    if (kill)
        CHECK(error_of(::write(kill.get(), "1", 1)) == ENODEV);
    CHECK(error_of(::openat(cgroup.dir().get(), "cgroup.procs", O_RDONLY)) == ENOENT);
    struct stat status{};
    CHECK(::fstat(cgroup.dir().get(), &status) == 0);
}

TEST_CASE("a cgroup made again under its old name has another inode") {
    if (!cgroups_offered())
        return;
    const Cgroup parent;
    const auto inode = [](const Cgroup& cgroup) {
        struct stat status{};
        REQUIRE(::fstat(cgroup.dir().get(), &status) == 0);
        return status.st_ino;
    };
    auto first = std::make_unique<Cgroup>(parent, "name");
    const ino_t before = inode(*first);
    first.reset();
    const Cgroup second{parent, "name"};
    CHECK(inode(second) != before);
}

TEST_CASE("a killed process that nobody has waited for leaves its cgroup empty") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    const Child child{cgroup, wait_for_ever};
    REQUIRE(::kill(child.pid(), SIGKILL) == 0);
    CHECK(eventually([&] { return !cgroup.populated(); }));
    CHECK(cgroup.read("cgroup.procs").empty());
}

TEST_CASE("a threaded cgroup lists its processes in the domain above only") {
    if (!cgroups_offered())
        return;
    const Cgroup domain;
    const Cgroup threaded{domain, "threaded"};
    REQUIRE(threaded.write("cgroup.type", "threaded"));
    const Child child{domain, wait_for_ever};

    const Fd procs = open_in(threaded, "cgroup.procs", O_RDONLY);
    std::array<char, 64> text{};
    CHECK(error_of(::read(procs.get(), text.data(), text.size())) == EOPNOTSUPP);
    CHECK(domain.read("cgroup.procs") == std::to_string(child.pid()) + "\n");
}

TEST_CASE("cgroup.kill passes over a process whose main thread has exited") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    if (!open_in(cgroup, "cgroup.kill", O_WRONLY)) {
        skip("no cgroup.kill before Linux 5.14");
        return;
    }
    Child parent{cgroup, [] { (void)fork_without_main_thread(); }};
    const auto parted = [&] {
        const std::string procs = cgroup.read("cgroup.procs");
        for (std::size_t at = 0; at < procs.size(); at = procs.find('\n', at) + 1) {
            const std::string pid = procs.substr(at, procs.find('\n', at) - at);
            if (read_file("/proc/" + pid + "/stat").find(") Z ") != std::string::npos)
                return true;
        }
        return false;
    };
    REQUIRE(eventually(parted)); // It is listed, though its main thread is a zombie.

    REQUIRE(cgroup.write("cgroup.kill", "1"));
    CHECK(parent.was_killed());
    if (!cgroup.populated()) {
        skip("this kernel kills it as well: the look at survivors has one reason less");
        return;
    }
    const pid_t survivor = std::stoi(cgroup.read("cgroup.procs"));
    CHECK(lives(survivor) == false); // What /proc says of it is its main thread.
    const Fd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, survivor, 0))};
    REQUIRE(pidfd);
    pollfd end{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    CHECK(::poll(&end, 1, 0) == 0); // Its descriptor knows better.
    REQUIRE(::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0) == 0);
    CHECK(eventually([&] { return !cgroup.populated(); }));
}

TEST_CASE("a second reading of cgroup.procs through the same descriptor is fresh") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    const Child first{cgroup, wait_for_ever};
    const Fd procs = open_in(cgroup, "cgroup.procs", O_RDONLY);
    std::array<char, 256> text{};
    const ssize_t before = ::read(procs.get(), text.data(), text.size());
    const Child second{cgroup, wait_for_ever};
    REQUIRE(::lseek(procs.get(), 0, SEEK_SET) == 0);
    CHECK(::read(procs.get(), text.data(), text.size()) > before);
}

TEST_CASE("names beyond 255 bytes are made, listed and opened") {
    if (!cgroups_offered())
        return;
    const Cgroup parent;
    const Cgroup child{parent, std::string(1000, 'n')};
    CHECK(child.dir());
    CHECK(writes(open_in(child, "cgroup.freeze", O_WRONLY), "0"));
}
