// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A cgroup of the test's own on a real cgroup v2 hierarchy. The test sees it as if it were the
/// root. Names may hold any byte, so everything is done by descriptor.

#include "base/fd.hpp"
#include "catch.hpp"
#include "sense/directory.hpp"
#include "sense/features.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace reapd {

class TestCgroup {
public:
    TestCgroup() {
        std::stringstream mounts;
        mounts << std::ifstream{"/proc/self/mounts"}.rdbuf();
        place_ = find_unified(mounts.str());
        if (place_.empty())
            return;
        above_ = Fd{::open(place_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        static int count = 0;
        name_ = "reapd-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
        if (above_ && ::mkdirat(above_.get(), name_.c_str(), 0755) == 0)
            dir_ = Fd{::openat(above_.get(), name_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }
    TestCgroup(const TestCgroup&) = delete;
    TestCgroup& operator=(const TestCgroup&) = delete;
    ~TestCgroup() {
        if (!dir_)
            return;
        clear(Fd{::dup(dir_.get())});
        (void)::unlinkat(above_.get(), name_.c_str(), AT_REMOVEDIR);
    }

    /// Whether there is such a hierarchy; says so once per test when not.
    explicit operator bool() const {
        if (!dir_)
            std::cout << "SKIP: " << Catch::getResultCapture().getCurrentTestName()
                      << ": no writable cgroup v2 hierarchy\n";
        return static_cast<bool>(dir_);
    }

    Fd open() const { return Fd{::fcntl(dir_.get(), F_DUPFD_CLOEXEC, 0)}; }
    int dir() const { return dir_.get(); }
    std::string path() const { return place_ + "/" + name_; }

    void make(const std::string& path) const {
        INFO(path);
        REQUIRE(::mkdirat(dir_.get(), path.c_str(), 0755) == 0);
    }
    void remove(const std::string& path) const {
        INFO(path);
        REQUIRE(::unlinkat(dir_.get(), path.c_str(), AT_REMOVEDIR) == 0);
    }

private:
    struct Level {
        Fd dir{};
        std::vector<DirectoryEntry> left{};
    };

    static Level level_of(Fd dir) {
        std::vector<char> buffer(64 << 10);
        auto entries = list_directories(dir.get(), buffer);
        return {std::move(dir), entries ? std::move(*entries) : std::vector<DirectoryEntry>{}};
    }

    /// Removes everything below `top`. Best effort, and without recursion.
    static void clear(Fd top) {
        std::vector<Level> levels;
        levels.push_back(level_of(std::move(top)));
        while (!levels.empty()) {
            Level& level = levels.back();
            if (level.left.empty()) {
                levels.pop_back();
                continue;
            }
            const std::string name = level.left.back().name;
            if (::unlinkat(level.dir.get(), name.c_str(), AT_REMOVEDIR) == 0 || errno != EBUSY) {
                level.left.pop_back();
                continue;
            }
            auto below = open_below(level.dir.get(), name.c_str());
            if (!below) {
                level.left.pop_back();
                continue;
            }
            Level next = level_of(std::move(below->dir));
            if (next.left.empty())
                level.left.pop_back(); // a process lives in it
            else
                levels.push_back(std::move(next));
        }
    }

    Fd above_{};
    Fd dir_{};
    std::string place_{};
    std::string name_{};
};

} // namespace reapd
