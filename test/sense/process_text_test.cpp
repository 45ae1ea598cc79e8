// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "sense/process.hpp"

#include <string>

using namespace reapd;

namespace {

// Linux 6.18; the name is what the tests put there.
std::string stat_of(const std::string& name, const std::string& state = "R") {
    return "1905 (" + name + ") " + state +
           " 1893 1890 17245 0 -1 4194304 102 0 0 0 0 0 0 0 20 0 1 0 178388 3133440 390 "
           "18446744073709551615 94356317413376 94356317433257 140721678481744 0 0 0 0 0 0 0 0 0 "
           "17 1 0 0 0 0 0 94356317449264 94356317450880 94356767047680 140721678490044 "
           "140721678490064 140721678490064 140721678491627 0\n";
}

// systemd in a guest with Linux 6.1, some lines left out.
const std::string status = "Name:\tsystemd\n"
                           "State:\tS (sleeping)\n"
                           "Groups:\t \n"
                           "VmRSS:\t   11544 kB\n"
                           "RssAnon:\t    2472 kB\n"
                           "RssFile:\t    9072 kB\n"
                           "RssShmem:\t       0 kB\n"
                           "VmSwap:\t     100 kB\n"
                           "HugetlbPages:\t       0 kB\n"
                           "Threads:\t1\n"
                           "SigQ:\t3/3844\n";

std::string with(const std::string& from, const std::string& to) {
    std::string text = status;
    return text.replace(text.find(from), from.size(), to);
}

const ProcessSample expected{
    .pid = 1905, .parent = 1893, .group = 1890, .session = 17245, .started = 178388};

} // namespace

TEST_CASE("a process may have any name") {
    const std::string name = GENERATE(
        values<std::string>({"cat", "", "(sd-pam)", "foo) Z 1 ", ") R 1 1 1 0 -1", "((", "))", ") ",
                             "new\nline", "\xff\xfe", "a b c", "1905 (x) R 2 3 4"}));
    CAPTURE(name);
    const auto process = parse_process_stat(stat_of(name));
    REQUIRE(process);
    CHECK(*process == expected);
}

TEST_CASE("a kernel thread has neither parent nor session") {
    const auto process = parse_process_stat(
        "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 3 0 0 20 0 1 0 37 0 0 18446744073709551615 "
        "0 0 0 0 0 0 0 2147483647 0 1 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    REQUIRE(process);
    CHECK(*process == ProcessSample{.pid = 2, .started = 37});
}

TEST_CASE("a process that is being taken apart is gone") {
    const auto process = parse_process_stat("7 (x) X 0 -1 -1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0\n");
    REQUIRE_FALSE(process);
    CHECK(process.error().code == ESRCH);
}

TEST_CASE("what is not a stat file is refused") {
    const std::string text = GENERATE(values<std::string>(
        {"", "\n", "1905", "1905 (", "1905 (cat", "1905 (cat)", "1905 (cat) ", "1905 (cat) R\n",
         "(cat) R 1 2 3\n", "x (cat) R 1 2 3\n", "0 (cat) R 1 2 3 4 5\n", "-5 (cat) R 1 2 3\n",
         "4294967296 (cat) R 1 2 3 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0\n",
         "1 (cat) R 1 2 x 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0\n",
         "1 (cat) R 1 2 3 0 -- 0 0 0 0 0 0 0 0 0 0 0 0 0 9 0\n"}));
    CAPTURE(text);
    const auto process = parse_process_stat(text);
    REQUIRE_FALSE(process);
    CHECK(process.error().code == EBADMSG);
}

TEST_CASE("every truncation of a stat file is refused") {
    const std::string whole = stat_of("foo) Z 1 ");
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK_FALSE(parse_process_stat(whole.substr(0, length)));
}

TEST_CASE("what a death gives back is anonymous memory and swap") {
    CHECK(*parse_process_memory(status) == kib(2572));
}

TEST_CASE("a process without memory of its own has none") {
    CHECK(*parse_process_memory("Name:\tkthreadd\nState:\tZ (zombie)\nThreads:\t2\n") == Bytes{});
}

TEST_CASE("a name cannot pose as another line") {
    CHECK(*parse_process_memory("Name:\tRssAnon: 9 kB\nThreads:\t1\n") == Bytes{});
    CHECK(*parse_process_memory("Name:\tx\\nVmSwap: 9 kB\nThreads:\t1\n") == Bytes{});
}

TEST_CASE("a spoiled status file is refused, never read as no memory") {
    const std::string text = GENERATE(values<std::string>({
        "",
        with("RssAnon:\t    2472 kB\n", ""),
        with("VmSwap:\t     100 kB\n", ""),
        with("2472 kB", "2472"),
        with("2472 kB", "-1 kB"),
        with("2472 kB", "4503599627370497 kB"), // 2^52 + 1
        with("Threads:\t1\n", ""),
        with("VmRSS", "VmSwap"),
        status + "cut",
    }));
    CAPTURE(text);
    const auto memory = parse_process_memory(text);
    REQUIRE_FALSE(memory);
    CHECK(memory.error().code == EBADMSG);
}

TEST_CASE("no truncation of a status file gives another amount") {
    for (std::size_t length = 0; length < status.size(); ++length) {
        const auto cut = parse_process_memory(status.substr(0, length));
        CHECK((!cut || *cut == kib(2572)));
    }
}
