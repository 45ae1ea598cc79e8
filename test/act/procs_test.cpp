// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/procs.hpp"

#include "catch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace reapd;

namespace {

/// A directory with one cgroup.procs; a stand-in for a cgroup.
class Directory {
public:
    explicit Directory(const std::string& procs)
        : path_{std::filesystem::temp_directory_path() /
                ("reapd-procs-" + std::to_string(::getpid()))} {
        std::filesystem::create_directory(path_);
        std::ofstream{path_ / "cgroup.procs"} << procs;
        dir_ = Fd{::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    const Fd& dir() const { return dir_; }
    void rewrite(const std::string& procs) const { std::ofstream{path_ / "cgroup.procs"} << procs; }

private:
    std::filesystem::path path_;
    Fd dir_{};
};

std::vector<pid_t> all_of(ProcsReader& reader) {
    std::vector<pid_t> pids;
    for (pid_t pid = reader.next(); pid != 0; pid = reader.next())
        pids.push_back(pid);
    return pids;
}

} // namespace

TEST_CASE("a list is read whole, however small the pieces") {
    const Directory cgroup{"1\n4194304\n22\n333\n"};
    const std::size_t piece = GENERATE(1U, 2U, 3U, 7U, 64U);
    std::array<char, 64> buffer{};
    ProcsReader reader{cgroup.dir(), std::span{buffer}.first(piece)};

    CHECK(all_of(reader) == std::vector<pid_t>{1, 4194304, 22, 333});
    CHECK(reader.error() == 0);
}

TEST_CASE("processes of other pid namespaces, listed as 0, are left out") {
    const Directory cgroup{"0\n5\n0\n0\n6\n"};
    std::array<char, 64> buffer{};
    ProcsReader reader{cgroup.dir(), buffer};
    CHECK(all_of(reader) == std::vector<pid_t>{5, 6});
}

TEST_CASE("rewound, it reads what is there now") {
    const Directory cgroup{"1\n2\n"};
    std::array<char, 64> buffer{};
    ProcsReader reader{cgroup.dir(), buffer};
    CHECK(reader.next() == 1);
    cgroup.rewrite("7\n");
    reader.rewind();
    CHECK(all_of(reader) == std::vector<pid_t>{7});
}

TEST_CASE("an empty list and a missing one are told apart") {
    std::array<char, 64> buffer{};
    const Directory empty{""};
    ProcsReader nobody{empty.dir(), buffer};
    CHECK(nobody.next() == 0);
    CHECK(nobody.error() == 0);

    ProcsReader missing{Fd{}, buffer};
    CHECK(missing.next() == 0);
    CHECK(missing.error() == EBADF);
}
