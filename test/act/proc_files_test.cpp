// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/proc_files.hpp"

#include "catch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace reapd;

namespace {

/// A /proc with one process, number 7.
class Proc {
public:
    Proc()
        : path_{std::filesystem::temp_directory_path() /
                ("reapd-proc-" + std::to_string(::getpid()))} {
        std::filesystem::create_directories(path_ / "7");
        dir_ = Fd{::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }
    ~Proc() { std::filesystem::remove_all(path_); }
    Proc(const Proc&) = delete;
    Proc& operator=(const Proc&) = delete;

    const Fd& dir() const { return dir_; }
    void set(const char* name, const std::string& text) const {
        std::ofstream{path_ / "7" / name} << text;
    }

private:
    std::filesystem::path path_;
    Fd dir_{};
};

} // namespace

TEST_CASE("private memory is what is resident and not shared") {
    const Proc proc;
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    proc.set("statm", "2000 150 50 10 0 300 0\n");
    CHECK(read_private_memory(proc.dir(), 7) == Bytes{100 * page});
    proc.set("statm", "2000 50 51 10 0 300 0\n"); // Counted on several CPUs.
    CHECK(read_private_memory(proc.dir(), 7) == Bytes{0});
    proc.set("statm", "garbage");
    CHECK(read_private_memory(proc.dir(), 7) == Bytes{0});
    CHECK(read_private_memory(proc.dir(), 8) == Bytes{0});
}

TEST_CASE("state and parent are found behind any name") {
    const Proc proc;
    const std::string name =
        GENERATE(as<std::string>{}, "cat", "a b", ") S 99 (", ") Z 1", "", "\xff\n)");
    CAPTURE(name);
    proc.set("stat", "7 (" + name + ") S 42 7 7 0 -1 4194560 100 0\n");
    CHECK(read_stat(proc.dir(), 7) == ProcessStat{'S', 42, true});
}

TEST_CASE("a process that was forked and has run no program since is told from one that has") {
    const Proc proc;
    proc.set("stat", "7 (sh) S 42 7 7 34816 7 4194368 100 0\n");
    CHECK(read_stat(proc.dir(), 7) == ProcessStat{'S', 42, false});
    proc.set("stat", "7 (sh) S 42 7 7 34816 7 4194304 100 0\n");
    CHECK(read_stat(proc.dir(), 7) == ProcessStat{'S', 42, true});
}

TEST_CASE("of a process that is gone or garbled nothing is known") {
    const Proc proc;
    CHECK(read_stat(proc.dir(), 7) == std::nullopt);
    CHECK(read_unkillable(proc.dir(), 7) == std::nullopt);
    for (const char* text :
         {"", "7", "7 (x", "7 (x)", "7 (x) S", "7 (x) S ", "7 (x) S -1 2", "7 (x) S 42 7 7 0 -1"}) {
        CAPTURE(text);
        proc.set("stat", text);
        CHECK(read_stat(proc.dir(), 7) == std::nullopt);
    }
}

TEST_CASE("only -1000 is unkillable") {
    const Proc proc;
    proc.set("oom_score_adj", "-1000\n");
    CHECK(read_unkillable(proc.dir(), 7) == true);
    for (const char* text : {"-999\n", "0\n", "1000\n", "-100\n"}) {
        proc.set("oom_score_adj", text);
        CHECK(read_unkillable(proc.dir(), 7) == false);
    }
}
