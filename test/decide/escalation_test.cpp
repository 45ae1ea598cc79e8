// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/escalation.hpp"

#include "catch.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

/// Three apps of 60 MiB each, one of which was killed and gave all of it back.
constexpr Aftermath one_of_three{.released = mib(60), .left = mib(120)};

} // namespace

TEST_CASE("a kill whose memory went to no other candidate was useless in hindsight") {
    const Rule rule;
    const Escalation first = after({}, rule, false, one_of_three);
    CHECK(first.useless_in_a_row == 0);
    CHECK_FALSE(first.stuck);

    SECTION("then MaxUseless= holds although each seemed to help") {
        const Escalation known = again(first, rule, mib(120));
        CHECK(known == Escalation{.useless_in_a_row = 1});
        const Escalation second = after(known, rule, false, {.released = mib(60), .left = mib(60)});
        CHECK(again(second, rule, mib(60)).stuck);
    }
    SECTION("it is judged once") {
        const Escalation known = again(first, rule, mib(120));
        CHECK(again(known, rule, mib(120)) == known);
    }
    SECTION("the end of pressure forgives it") { CHECK(pressure_ended(first) == Escalation{}); }
}

TEST_CASE("a kill whose memory another candidate took was none in vain: that one is next") {
    const Rule rule;
    const Escalation first = after(Escalation{.useless_in_a_row = 1}, rule, false, one_of_three);
    CHECK(again(first, rule, mib(150)) == Escalation{});
    CHECK(again(first, rule, mib(149)).stuck);
}

TEST_CASE("what is remembered is forgiven only after the bursts of pressure") {
    CHECK(forgiving_span({}, false) == 0us);
    CHECK(forgiving_span({}, true) >= 10s);
    CHECK(forgiving_span({.useless_in_a_row = 1}, false) >= 10s);
    CHECK(forgiving_span(after({}, Rule{}, false, one_of_three), false) >= 10s);
}
