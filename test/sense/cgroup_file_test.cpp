// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/cgroup_file.hpp"

#include "catch.hpp"

#include <string>

using namespace reapd;

TEST_CASE("cgroup.events tells whether anything lives") {
    const auto events = parse_cgroup_events("populated 1\nfrozen 0\n");
    REQUIRE(events);
    CHECK(*events == CgroupEvents{.populated = true, .frozen = false});
    CHECK(*parse_cgroup_events("populated 0\nfrozen 1\n") == CgroupEvents{false, true});
    CHECK(*parse_cgroup_events("populated 1\n") == CgroupEvents{true, false});
    CHECK(*parse_cgroup_events("new 77\npopulated 1\nfrozen 0\n") == CgroupEvents{true, false});
}

TEST_CASE("a spoiled cgroup.events is refused, never read as empty") {
    const std::string text = GENERATE(values<std::string>(
        {"", "frozen 0\n", "populated\n", "populated 2\n", "populated 1", "populated -1\n",
         "populated 0\npopulated 1\n", "populated 1\nfrozen 2\n", "populated 1\nfrozen x\n",
         "populated 1\nfrozen 0", " populated 1\n", "populated 1 \n", "unpopulated 1\n"}));
    CAPTURE(text);
    const auto events = parse_cgroup_events(text);
    REQUIRE_FALSE(events);
    CHECK(events.error().code == EBADMSG);
}

TEST_CASE("cgroup.stat counts the living below") {
    CHECK(*parse_descendants("nr_descendants 18\nnr_dying_descendants 16\n") == 18);
    const std::string text = GENERATE(values<std::string>(
        {"", "nr_dying_descendants 16\n", "nr_descendants 18", "nr_descendants x\n",
         "nr_descendants 1\nnr_descendants 1\n", "nr_descendants 18446744073709551615\n"}));
    CAPTURE(text);
    CHECK_FALSE(parse_descendants(text));
}

TEST_CASE("a limit is a number or none at all") {
    CHECK(*parse_limit("max\n") == std::nullopt);
    CHECK(*parse_limit("0\n") == Bytes{0});
    CHECK(*parse_limit("9223372036854771712\n") == Bytes{9223372036854771712ULL});
    const std::string text = GENERATE(values<std::string>(
        {"", "\n", "max", "maximum\n", "Max\n", "1", "1\n1\n", "1 \n", " 1\n", "-1\n", "1K\n"}));
    CAPTURE(text);
    const auto limit = parse_limit(text);
    REQUIRE_FALSE(limit);
    CHECK(limit.error().code == EBADMSG);
}

TEST_CASE("a file of one number holds nothing else") {
    CHECK(*parse_single("503808\n") == 503808);
    CHECK_FALSE(parse_single("max\n"));
    CHECK_FALSE(parse_single("503808"));
    CHECK_FALSE(parse_single(""));
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
