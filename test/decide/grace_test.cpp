// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/grace.hpp"

#include "catch.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint start{1h};
constexpr Permyriad calm{3000};
constexpr Permyriad heavy{6500}; // half-way from `calm` to a complete stall
constexpr Bytes left = mib(100);

Grace of_ten_seconds() {
    Grace grace;
    grace.begin(start, 10s, {.stall = calm, .left = left});
    return grace;
}

bool over(Grace& grace, Microseconds after, Permyriad stall, std::optional<Bytes> there = left) {
    return grace.is_over(start + after, {.stall = stall, .left = there});
}

} // namespace

TEST_CASE("grace lasts its time while the machine gets along") {
    Grace grace = of_ten_seconds();
    CHECK_FALSE(over(grace, 0s, calm));
    CHECK_FALSE(over(grace, 9999ms, {heavy.value - 1}));
    CHECK(over(grace, 10s, {}));
    CHECK(grace.ends() == start + 10s);
}

TEST_CASE("grace ends early for two seconds of heavy stall, not for moments of it") {
    Grace grace = of_ten_seconds();
    CHECK_FALSE(over(grace, 1s, heavy));
    CHECK_FALSE(over(grace, 2900ms, heavy));
    CHECK_FALSE(over(grace, 2950ms, calm));
    CHECK_FALSE(over(grace, 3s, heavy));
    CHECK_FALSE(over(grace, 4999ms, {10000}));
    CHECK(over(grace, 5s, heavy));
}

TEST_CASE("grace ends early when half of what was left is gone") {
    Grace grace = of_ten_seconds();
    CHECK_FALSE(over(grace, 1s, calm, mib(50)));
    CHECK(over(grace, 1s, calm, mib(50) - Bytes{1}));
    CHECK_FALSE(over(grace, 2s, calm, std::nullopt)); // unknown is not gone
}

TEST_CASE("what one victim suffered does not shorten the grace of the next") {
    Grace grace = of_ten_seconds();
    CHECK_FALSE(over(grace, 5s, heavy));
    grace.begin(start + 6s, 10s, {.stall = calm, .left = mib(10)});
    CHECK_FALSE(over(grace, 7s, heavy, mib(10)));
    CHECK_FALSE(over(grace, 8500ms, heavy, mib(5)));
    CHECK(over(grace, 9s, heavy, mib(5)));
}
