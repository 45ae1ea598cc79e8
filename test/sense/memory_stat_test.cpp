// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/memory_stat.hpp"

#include "catch.hpp"

#include <string>

using namespace reapd;

namespace {

// dbus.service of a guest with Linux 6.1, some lines left out.
const std::string captured = "anon 503808\n"
                             "file 1617920\n"
                             "kernel 204800\n"
                             "sec_pagetables 0\n"
                             "shmem 4096\n"
                             "file_mapped 1224704\n"
                             "anon_thp 0\n"
                             "file_thp 0\n"
                             "shmem_thp 0\n"
                             "inactive_anon 499712\n"
                             "workingset_refault_anon 7\n"
                             "workingset_refault_file 9\n"
                             "pgscan 11\n"
                             "pgsteal 0\n"
                             "pgscan_kswapd 3\n"
                             "pgfault 291\n";

std::string with(const std::string& from, const std::string& to) {
    std::string text = captured;
    return text.replace(text.find(from), from.size(), to);
}

} // namespace

TEST_CASE("a key is not mistaken for a longer one") {
    const auto stat = parse_memory_stat(captured);
    REQUIRE(stat);
    CHECK(*stat == MemoryStat{.anon = {503808},
                              .file = {1617920},
                              .shmem = {4096},
                              .pgscan = 11,
                              .refault_anon = 7,
                              .refault_file = 9});
}

TEST_CASE("counters that a kernel lacks are unknown, not zero") {
    const auto stat = parse_memory_stat("anon 1\nfile 2\nshmem 3\nworkingset_refault 4\n");
    REQUIRE(stat);
    CHECK(*stat == MemoryStat{.anon = {1}, .file = {2}, .shmem = {3}});
}

TEST_CASE("a spoiled memory.stat is refused as a whole") {
    const std::string text = GENERATE(values<std::string>({
        "",
        with("anon 503808\n", ""),
        with("file 1617920\n", ""),
        with("shmem 4096\n", ""),
        with("anon 503808", "anon"),
        with("anon 503808", "anon "),
        with("anon 503808", "anon -1"),
        with("anon 503808", "anon  1"),
        with("anon 503808", "anon 1 2"),
        with("anon 503808", "anon 9223372036854775808"), // 2^63
        with("pgscan 11", "pgscan many"),
        captured + "anon 503808\n",
        captured + "pgscan 11\n",
        captured + "cut 1",
    }));
    CAPTURE(text);
    const auto stat = parse_memory_stat(text);
    REQUIRE_FALSE(stat);
    CHECK(stat.error().code == EBADMSG);
}

TEST_CASE("no truncation of memory.stat gives another amount") {
    const auto whole = parse_memory_stat(captured);
    REQUIRE(whole);
    for (std::size_t length = 0; length < captured.size(); ++length) {
        const auto cut = parse_memory_stat(captured.substr(0, length));
        CHECK((!cut || cut->anon == whole->anon));
    }
}
