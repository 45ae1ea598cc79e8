// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/when.hpp"

#include "catch.hpp"

#include <cstdlib>
#include <ctime>

using namespace reapd;

namespace {

// Sun 2026-03-01 12:30:00 UTC
constexpr std::uint64_t now = 1'772'368'200'000'000;
constexpr std::uint64_t second = 1'000'000;
constexpr std::uint64_t hour = 3600 * second;

void live_in_utc() {
    REQUIRE(::setenv("TZ", "UTC", 1) == 0);
    ::tzset();
}

} // namespace

TEST_CASE("points in time are what a person means") {
    live_in_utc();
    CHECK(date_text(now) == "Sun 2026-03-01 12:30:00");
    CHECK(clock_text(now) == "12:30:00");
    CHECK(parse_when("now", now) == now);
    CHECK(parse_when("today", now) == now - 12 * hour - 30 * 60 * second);
    CHECK(date_text(*parse_when("yesterday", now)) == "Sat 2026-02-28 00:00:00");
    CHECK(parse_when("-2h", now) == now - 2 * hour);
    CHECK(parse_when("1h 30min ago", now) == now - 90 * 60 * second);
    CHECK(parse_when("@17", now) == 17 * second);
    CHECK(date_text(*parse_when("2026-01-31", now)) == "Sat 2026-01-31 00:00:00");
    CHECK(date_text(*parse_when("2026-01-31 18:05", now)) == "Sat 2026-01-31 18:05:00");
    CHECK(date_text(*parse_when("2026-01-31 18:05:06", now)) == "Sat 2026-01-31 18:05:06");
    CHECK(date_text(*parse_when("07:15", now)) == "Sun 2026-03-01 07:15:00");
}

TEST_CASE("what is no time is refused") {
    for (const char* text : {"", "soon", "-", "-2 parsecs", " ago", "@", "@-1", "2026-13-01",
                             "25:00", "2026-01-31 18:05:06 UTC+1", "2026-01-31x"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_when(text, now));
    }
}
