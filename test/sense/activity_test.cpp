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
    activity.add(start, {.cpu = 100s});
    CHECK(activity.idle() == 0s);
    activity.add(start + 30s, {.cpu = 100s + 300ms});
    CHECK(activity.idle() == 30s);
    activity.add(start + 60s, {.cpu = 100s + 300ms});
    CHECK(activity.idle() == 60s);
}

TEST_CASE("work ends idleness, and it begins anew at the look that saw it") {
    Activity activity;
    activity.add(start, {});
    activity.add(start + 30s, {});
    activity.add(start + 60s, {.cpu = 301ms});
    CHECK(activity.idle() == 0s);
    activity.add(start + 70s, {.cpu = 301ms});
    CHECK(activity.idle() == 10s);
}

TEST_CASE("looks close together are one, lest a single timer look like work") {
    Activity activity;
    activity.add(start, {});
    activity.add(start + 10s, {});
    activity.add(start + 10s + 50ms, {.cpu = 5ms});
    CHECK(activity.idle() == 10s);
    activity.add(start + 11s, {.cpu = 5ms});
    CHECK(activity.idle() == 11s);
}

TEST_CASE("who slept through a long time that nobody looked is known to have slept") {
    Activity activity;
    activity.add(start, {.cpu = 5s});
    activity.add(start + 8h, {.cpu = 5s + 300ms});
    CHECK(activity.idle() == 8h);
}

TEST_CASE("work in a long time that nobody looked may have been done just now") {
    Activity activity;
    activity.add(start, {});
    activity.add(start + 8h, {.cpu = 301ms});
    CHECK(activity.idle() == 0s);
}

TEST_CASE("who reads back what he lost is not idle, however little CPU that takes") {
    Activity activity;
    activity.add(start, {.refaults = 1000});
    activity.add(start + 10s, {.refaults = 1100});
    CHECK(activity.idle() == 10s);
    activity.add(start + 20s, {.refaults = 1201});
    CHECK(activity.idle() == 0s);
    activity.add(start + 30s, {.refaults = 1201});
    CHECK(activity.idle() == 10s);
}

TEST_CASE("pages read again count only between two looks that know them") {
    Activity activity;
    activity.add(start, {});
    activity.add(start + 10s, {.refaults = 100000});
    CHECK(activity.idle() == 10s);
    activity.add(start + 20s, {});
    activity.add(start + 30s, {.refaults = 200000});
    CHECK(activity.idle() == 30s);
}
