// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Real cgroups and real processes for tests. Everything made here is gone at the end of its
/// scope, also when a test fails.

#include "base/fd.hpp"

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reapd::test {

/// Where the unified hierarchy is mounted; empty when there is none in which we may make cgroups.
const std::string& hierarchy();

/// Whether there is one; says that the test is skipped when there is none.
bool cgroups_offered();

/// Says that a promise could not be checked here, and why.
void skip(std::string_view reason);

/// Whether we have a capability, by its number in <linux/capability.h>.
bool has_capability(int number);

std::string read_file(const std::string& path);

/// A cgroup of our own; what is in it dies with it.
class Cgroup {
public:
    Cgroup();
    explicit Cgroup(const Cgroup& parent, std::string_view name);
    ~Cgroup();
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;

    const Fd& dir() const noexcept { return dir_; }
    const std::string& path() const noexcept { return path_; }
    std::string read(const char* name) const;
    bool write(const char* name, std::string_view text) const;
    bool populated() const;
    void remove(); ///< as its owner would, before the end of the scope

private:
    Fd parent_{};
    std::string name_{};
    std::string path_{};
    Fd dir_{};
};

/// A process; killed and waited for at the end of the scope.
class Child {
public:
    /// Forks into `cgroup` and runs `body`, then pauses for ever. Returns when the body is done or
    /// runs a program.
    Child(const Cgroup& cgroup, const std::function<void()>& body);
    /// Stays in our own cgroup.
    explicit Child(const std::function<void()>& body);
    ~Child();
    Child(Child&& other) noexcept;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const noexcept { return pid_; }
    /// Whether SIGKILL ended it within some seconds.
    bool was_killed();
    bool lives() const;

private:
    pid_t pid_ = 0;
    Fd pidfd_{};
    bool waited_ = false;
};

/// Whether the process exists and is no zombie.
bool lives(pid_t pid);

/// For bodies of children: private memory that is really there.
void use_memory(std::size_t mib);

/// For bodies of children: forks as fast as it can up to that many processes, and forks again
/// when one dies. Gives up by itself after some time, should the test be ended before it.
void be_fork_bomb(unsigned processes);

/// Resident memory of a process that is not shared.
std::size_t private_mib(pid_t pid);

/// Waits until `condition`, at most some seconds; whether it came true.
bool eventually(const std::function<bool()>& condition);

} // namespace reapd::test
