// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/overdue.hpp"

#include "catch.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint start{1h};

} // namespace

TEST_CASE("what takes more than a minute is noticed once") {
    Overdue work;
    CHECK_FALSE(work.happens(start));
    work.begin(start);
    CHECK(work.due() == start + 1min);
    CHECK_FALSE(work.happens(start + 1min - 1us));
    CHECK(work.happens(start + 1min));
    CHECK_FALSE(work.happens(start + 2min));
    work.begin(start + 1h);
    CHECK(work.happens(start + 2h));
}

TEST_CASE("what ends in time is not noticed") {
    Overdue work;
    work.begin(start);
    work.end();
    CHECK(work.due() == TimePoint::max());
    CHECK_FALSE(work.happens(start + 1h));
}
