// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/cgroup_file.hpp"

#include "catch.hpp"

#include <string>

using namespace reapd;

namespace {

// dbus.service of a guest with Linux 6.1, some lines left out.
const std::string memory_stat = "anon 503808\n"
                                "file 1617920\n"
                                "shmem 4096\n"
                                "anon_thp 0\n"
                                "inactive_anon 499712\n"
                                "workingset_refault_anon 7\n"
                                "pgscan 11\n"
                                "pgfault 291\n";

} // namespace

TEST_CASE("cgroup.events tells whether anything lives") {
    CHECK(*parse_populated("populated 1\nfrozen 0\n") == true);
    CHECK(*parse_populated("populated 0\nfrozen 1\n") == false);
    CHECK(*parse_populated("populated 1\n") == true);
    CHECK(*parse_populated("new 77\npopulated 1\nfrozen 0\n") == true);
}

TEST_CASE("a spoiled cgroup.events is refused, never read as empty") {
    const std::string text = GENERATE(values<std::string>(
        {"", "frozen 0\n", "populated\n", "populated 2\n", "populated 1", "populated -1\n",
         "populated 0\npopulated 1\n", "populated 1\nfrozen 0", " populated 1\n", "populated 1 \n",
         "unpopulated 1\n"}));
    CAPTURE(text);
    const auto populated = parse_populated(text);
    REQUIRE_FALSE(populated);
    CHECK(populated.error().code == EBADMSG);
}

TEST_CASE("anonymous memory is not mistaken for a longer key") {
    CHECK(*parse_anonymous(memory_stat) == Bytes{503808});
    CHECK(*parse_anonymous("inactive_anon 2\nanon 1\n") == Bytes{1});
}

TEST_CASE("a spoiled memory.stat is refused") {
    const std::string text = GENERATE(
        values<std::string>({"", "file 1\n", "anon_thp 1\n", "anon\n", "anon \n", "anon -1\n",
                             "anon  1\n", "anon 1 2\n", "anon 9223372036854775808\n" /* 2^63 */,
                             "anon 1\nanon 1\n", "anon 1\ncut 1"}));
    CAPTURE(text);
    const auto anonymous = parse_anonymous(text);
    REQUIRE_FALSE(anonymous);
    CHECK(anonymous.error().code == EBADMSG);
}

TEST_CASE("no truncation of memory.stat gives another amount") {
    for (std::size_t length = 0; length < memory_stat.size(); ++length) {
        const auto cut = parse_anonymous(memory_stat.substr(0, length));
        CHECK((!cut || *cut == Bytes{503808}));
    }
}

TEST_CASE("memory.stat gives what ranking needs; what a kernel lacks is unknown") {
    const std::string more = memory_stat + "workingset_refault_file 30\n";
    CHECK(*parse_memory_stat(more) ==
          MemoryStat{.anonymous = {503808}, .shared = {4096}, .scanned = 11, .refaults = 37});
    // One half of the refaults is no number.
    CHECK(parse_memory_stat(memory_stat)->refaults == std::nullopt);
    CHECK(parse_memory_stat("anon 1\nshmem 2\nworkingset_refault 5\n")->refaults == 5);
    CHECK(parse_memory_stat("anon 1\nshmem 2\n")->scanned == std::nullopt);
    for (const char* const text : {"anon 1\n", "shmem 1\n", "anon 1\nshmem 2\nanon 1\n",
                                   "anon 1\nshmem 2\npgscan x\n", "anon 1\nshmem 2"})
        CHECK_FALSE(parse_memory_stat(text));
}

TEST_CASE("cgroup.stat counts the living below") {
    CHECK(*parse_descendants("nr_descendants 18\nnr_dying_descendants 16\n") == 18);
    const std::string text = GENERATE(values<std::string>(
        {"", "nr_dying_descendants 16\n", "nr_descendants 18", "nr_descendants x\n",
         "nr_descendants 1\nnr_descendants 1\n", "nr_descendants 18446744073709551615\n"}));
    CAPTURE(text);
    CHECK_FALSE(parse_descendants(text));
}

TEST_CASE("a file of one number holds nothing else") {
    CHECK(*parse_single("503808\n") == 503808);
    CHECK_FALSE(parse_single("max\n"));
    const std::string text = GENERATE(
        values<std::string>({"", "\n", "503808", "1\n1\n", "1 \n", " 1\n", "-1\n", "1K\n"}));
    CAPTURE(text);
    CHECK_FALSE(parse_single(text));
}

TEST_CASE("limit hits are those of memory.high and memory.max") {
    CHECK(*parse_limit_hits("low 1\nhigh 20\nmax 300\noom 4000\noom_kill 5\n") == 320);
    const std::string text =
        GENERATE(values<std::string>({"", "high 1\n", "max 1\n", "high 1\nmax 1", "high 1\nmax x\n",
                                      "high 1\nmax 1\nmax 1\n", "highest 1\nmaximum 1\n"}));
    CAPTURE(text);
    const auto hits = parse_limit_hits(text);
    REQUIRE_FALSE(hits);
    CHECK(hits.error().code == EBADMSG);
}
