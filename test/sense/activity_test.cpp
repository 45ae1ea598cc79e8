// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/activity.hpp"

#include "catch.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint start{1h};

} // namespace

TEST_CASE("who uses less than a hundredth of a CPU is idle since the first look") {
    Activity activity;
    CHECK(activity.idle() == 0s);
    activity.add(start, 100s);
    CHECK(activity.idle() == 0s);
    activity.add(start + 30s, 100s + 300ms);
    CHECK(activity.idle() == 30s);
    activity.add(start + 60s, 100s + 300ms);
    CHECK(activity.idle() == 60s);
}

TEST_CASE("work ends idleness, and it begins anew at the look that saw it") {
    Activity activity;
    activity.add(start, 0s);
    activity.add(start + 30s, 0s);
    activity.add(start + 60s, 301ms);
    CHECK(activity.idle() == 0s);
    activity.add(start + 70s, 301ms);
    CHECK(activity.idle() == 10s);
}

TEST_CASE("looks close together are one, lest a single timer look like work") {
    Activity activity;
    activity.add(start, 0s);
    activity.add(start + 10s, 0s);
    activity.add(start + 10s + 50ms, 5ms);
    CHECK(activity.idle() == 10s);
    activity.add(start + 11s, 5ms);
    CHECK(activity.idle() == 11s);
}
