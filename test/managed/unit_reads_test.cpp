// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/unit_reads.hpp"

#include "catch.hpp"

#include <vector>

using namespace reapd;

namespace {

using Names = std::vector<std::string>;

/// All whose read may begin now.
Names begun(UnitReads& reads) {
    Names names;
    while (auto name = reads.next())
        names.push_back(std::move(*name));
    return names;
}

/// One that follows a manager with these active units, all read.
UnitReads following(const std::set<std::string>& active, std::size_t at_once = 4) {
    UnitReads reads{at_once};
    reads.found();
    REQUIRE(reads.take_list());
    REQUIRE(reads.listed(active));
    while (const auto name = reads.next())
        REQUIRE(reads.ended(*name, true));
    REQUIRE(reads.at_rest());
    return reads;
}

UnitState active(std::uint64_t since) { return {.active = "active", .since = since}; }
UnitState state(std::string name) { return {.active = std::move(name)}; }

} // namespace

TEST_CASE("all active units are read once a manager is there") {
    UnitReads reads{4};
    CHECK_FALSE(reads.take_list());
    CHECK_FALSE(reads.next());
    reads.found();
    CHECK(reads.take_list());
    CHECK_FALSE(reads.take_list());
    CHECK_FALSE(reads.next());
    CHECK(reads.listed({"a.service", "b.slice"}));
    CHECK(begun(reads) == Names{"a.service", "b.slice"});
    CHECK_FALSE(reads.at_rest());
    CHECK(reads.ended("a.service", true));
    CHECK(reads.ended("b.slice", true));
    CHECK(reads.at_rest());
}

TEST_CASE("no more are read at once than was said") {
    UnitReads reads{2};
    reads.found();
    REQUIRE(reads.take_list());
    REQUIRE(reads.listed({"a.service", "b.service", "c.service"}));
    CHECK(begun(reads) == Names{"a.service", "b.service"});
    CHECK(reads.ended("b.service", true));
    CHECK(begun(reads) == Names{"c.service"});
}

TEST_CASE("a unit that starts is read when it is active, and not before") {
    UnitReads reads = following({});
    (void)reads.signalled("a.service", state("inactive"));
    CHECK_FALSE(reads.signalled("a.service", state("activating")));
    CHECK_FALSE(reads.next());
    CHECK_FALSE(reads.signalled("a.service", active(7)));
    CHECK(begun(reads) == Names{"a.service"});
}

TEST_CASE("a unit that has gone is not read: that would load it again") {
    UnitReads reads = following({"a.service", "b.service", "c.service"});
    CHECK(reads.signalled("a.service", state("inactive")));
    CHECK(reads.signalled("b.service", state("failed")));
    CHECK(reads.removed("c.service"));
    for (const char* name : {"a.service", "b.service", "c.service"})
        reads.touched(name);
    CHECK_FALSE(reads.next());
    CHECK(reads.at_rest());
}

TEST_CASE("a unit that goes before its turn is not read") {
    UnitReads reads = following({}, 1);
    (void)reads.signalled("a.service", active(1));
    (void)reads.signalled("b.service", active(1));
    CHECK(begun(reads) == Names{"a.service"});
    CHECK(reads.signalled("b.service", state("inactive")));
    (void)reads.ended("a.service", true);
    CHECK_FALSE(reads.next());
    CHECK(reads.at_rest());
}

TEST_CASE("what was read of a unit that went meanwhile does not count") {
    UnitReads reads = following({});
    (void)reads.signalled("a.service", active(1));
    CHECK(begun(reads) == Names{"a.service"});
    CHECK(reads.signalled("a.service", state("inactive")));
    CHECK_FALSE(reads.ended("a.service", true));
    CHECK(reads.at_rest());

    // Nor when it has come again: the answers may be a mixture.
    (void)reads.signalled("a.service", active(2));
    CHECK(begun(reads) == Names{"a.service"});
    (void)reads.signalled("a.service", state("inactive"));
    (void)reads.signalled("a.service", active(3));
    CHECK_FALSE(reads.ended("a.service", true));
    CHECK(begun(reads) == Names{"a.service"});
    CHECK(reads.ended("a.service", true));
    CHECK(reads.at_rest());
}

TEST_CASE("a unit that tells again and again that it is active is read once") {
    UnitReads reads = following({"system.slice"});
    (void)reads.signalled("system.slice", active(1)); // The list did not tell since when.
    CHECK(begun(reads) == Names{"system.slice"});
    CHECK(reads.ended("system.slice", true));
    for (int i = 0; i < 1000; ++i)
        (void)reads.signalled("system.slice", active(1));
    CHECK(reads.at_rest());
}

TEST_CASE("a unit that changes a thousand times is read once and then once more") {
    UnitReads reads = following({"a.service"});
    for (int i = 0; i < 1000; ++i)
        reads.touched("a.service");
    CHECK(begun(reads) == Names{"a.service"});
    for (std::uint64_t i = 0; i < 1000; ++i) {
        reads.touched("a.service");
        (void)reads.signalled("a.service", state("inactive"));
        (void)reads.signalled("a.service", active(i));
    }
    CHECK_FALSE(reads.next());
    (void)reads.ended("a.service", true);
    CHECK(begun(reads) == Names{"a.service"});
    CHECK(reads.ended("a.service", true));
    CHECK(reads.at_rest());
}

TEST_CASE("a unit that comes and goes while others are read waits once") {
    UnitReads reads = following({}, 1);
    (void)reads.signalled("slow.service", active(1));
    CHECK(begun(reads) == Names{"slow.service"});
    for (std::uint64_t i = 0; i < 1000; ++i) {
        (void)reads.signalled("a.service", active(i));
        (void)reads.signalled("a.service", state("inactive"));
    }
    (void)reads.signalled("a.service", active(1));
    (void)reads.ended("slow.service", true);
    CHECK(begun(reads) == Names{"a.service"});
    (void)reads.ended("a.service", true);
    CHECK(reads.at_rest());
}

TEST_CASE("a change that came while the unit was read counts, and so does what was read before") {
    UnitReads reads = following({"a.service"});
    reads.touched("a.service");
    CHECK(begun(reads) == Names{"a.service"});
    reads.touched("a.service");
    CHECK(reads.ended("a.service", true));
    CHECK(begun(reads) == Names{"a.service"});
}

TEST_CASE("while the manager reloads nothing is heard; then all is read once") {
    UnitReads reads = following({"a.service", "b.service"});
    reads.reloading(true);
    CHECK_FALSE(reads.removed("a.service"));
    CHECK_FALSE(reads.signalled("c.service", active(1)));
    CHECK_FALSE(reads.next());
    CHECK_FALSE(reads.take_list());
    reads.reloading(false);
    CHECK(reads.take_list());
    CHECK_FALSE(reads.signalled("a.service", state("inactive"))); // older than the list
    CHECK(reads.listed({"a.service", "c.service"}));
    CHECK(begun(reads) == Names{"a.service", "c.service"});
}

TEST_CASE("a list from before a reload is not taken") {
    UnitReads reads{4};
    reads.found();
    REQUIRE(reads.take_list());
    reads.reloading(true);
    CHECK_FALSE(reads.listed({"a.service"}));
    reads.reloading(false);
    CHECK(reads.take_list());
    CHECK(reads.listed({"b.service"}));
    CHECK(begun(reads) == Names{"b.service"});
}

TEST_CASE("a new manager is asked for everything, even if the old one was about to reload") {
    UnitReads reads = following({"a.service"});
    reads.reloading(true);
    reads.found();
    CHECK(reads.take_list());
    CHECK(reads.listed({"a.service"}));
    CHECK(begun(reads) == Names{"a.service"});
}

TEST_CASE("reads that are lost with the bus do not end, and all begins anew") {
    UnitReads reads = following({}, 1);
    (void)reads.signalled("a.service", active(1));
    CHECK(begun(reads) == Names{"a.service"});
    reads.lost();
    CHECK_FALSE(reads.take_list());
    reads.found();
    REQUIRE(reads.take_list());
    REQUIRE(reads.listed({"a.service"}));
    CHECK(begun(reads) == Names{"a.service"});
}

TEST_CASE("a read that fails is tried again when something is heard of the unit") {
    UnitReads reads = following({});
    (void)reads.signalled("a.service", active(1));
    CHECK(begun(reads) == Names{"a.service"});
    CHECK_FALSE(reads.ended("a.service", false));
    CHECK(reads.at_rest());
    (void)reads.signalled("a.service", active(1));
    CHECK(begun(reads) == Names{"a.service"});
}

TEST_CASE("when something was missed the list is asked for again, once") {
    UnitReads reads = following({"a.service"});
    reads.missed();
    reads.missed();
    CHECK(reads.take_list());
    reads.missed(); // What is read after the list is newer.
    CHECK_FALSE(reads.take_list());
}

TEST_CASE("without a list nothing is read until the manager says something") {
    UnitReads reads{4};
    reads.found();
    REQUIRE(reads.take_list());
    reads.list_failed();
    CHECK_FALSE(reads.take_list());
    reads.reloading(true);
    reads.reloading(false);
    CHECK(reads.take_list());
}
