// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/process.hpp"

#include "catch.hpp"
#include "fake_files.hpp"

using namespace reapd;

namespace {

const std::string stat_line = "42 (foo) Z 1 ) S 7 40 41 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 999 0\n";
const std::string with_memory = "Name:\tx\nRssAnon:\t 10 kB\nVmSwap:\t 2 kB\nThreads:\t2\n";
const std::string without_memory = "Name:\tx\nState:\tZ (zombie)\nThreads:\t2\n";

ProcessSample expected() {
    return {.pid = 42, .parent = 7, .group = 40, .session = 41, .started = 999, .memory = kib(12)};
}

} // namespace

TEST_CASE("a process is read from three files") {
    const FakeFiles proc{
        {{"42/stat", stat_line}, {"42/status", with_memory}, {"42/oom_score_adj", "0\n"}}};
    const Fd dir = proc.open();
    CHECK(*read_process(dir.get(), 42) == expected());

    proc.write("42/oom_score_adj", "-1000\n");
    CHECK(read_process(dir.get(), 42)->unkillable);
    proc.write("42/oom_score_adj", "-100\n");
    CHECK_FALSE(read_process(dir.get(), 42)->unkillable);
}

TEST_CASE("a process whose main thread has exited does not hide its memory") {
    const FakeFiles proc{{{"42/stat", stat_line},
                          {"42/status", without_memory},
                          {"42/oom_score_adj", "0\n"},
                          {"42/task/42/status", without_memory},
                          {"42/task/43/status", with_memory}}};
    const Fd dir = proc.open();
    CHECK(*read_process(dir.get(), 42) == expected());
    proc.remove("42/task/43");
    CHECK(read_process(dir.get(), 42)->memory == Bytes{});
    proc.remove("42/task");
    CHECK(read_process(dir.get(), 42)->memory == Bytes{});
}

TEST_CASE("any number of groups leaves the memory readable") {
    for (const std::size_t groups : {1000U, 8100U, 8192U, 8200U, 100000U, 700000U}) {
        const FakeFiles proc{{{"42/stat", stat_line},
                              {"42/status", "Name:\tx\nGroups:\t" + std::string(groups, '1') +
                                                "\n" + with_memory.substr(8)},
                              {"42/oom_score_adj", "0\n"}}};
        const Fd dir = proc.open();
        CAPTURE(groups);
        const auto process = read_process(dir.get(), 42);
        REQUIRE(process);
        CHECK(process->memory == kib(12));
    }
}

TEST_CASE("a process that is gone is an error") {
    const FakeFiles proc{{{"42/stat", stat_line}, {"42/status", with_memory}}};
    const Fd dir = proc.open();
    CHECK(read_process(dir.get(), 41).error().code == ENOENT);
    CHECK(read_process(dir.get(), 42).error().code == ENOENT);
    CHECK_FALSE(read_process(-1, 42));
    CHECK_FALSE(read_process(dir.get(), -1));
}
