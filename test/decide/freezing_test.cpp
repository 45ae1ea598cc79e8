// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/freezing.hpp"

#include "catch.hpp"

using namespace reapd;
using namespace std::chrono_literals;
using Phase = FreezeCourse::Phase;

namespace {

constexpr TimePoint at(Microseconds since_boot) { return TimePoint{since_boot}; }

constexpr BeforeFreeze hog{
    .resident = mib(600), .share = Permyriad{8000}, .limit = Permyriad{2000}, .window = 1s};

FreezeCourse begun(const BeforeFreeze& before = hog) {
    FreezeCourse course;
    course.begin(at(10s), before);
    return course;
}

/// Stands still 20 ms after it was begun and is paged out at once.
FreezeCourse standing(const BeforeFreeze& before = hog, Bytes resident = {}) {
    FreezeCourse course = begun(before);
    course.step(at(10s + 20ms), {.still = true, .out = true, .resident = resident});
    return course;
}

} // namespace

TEST_CASE("freezing is measured from when all stands still") {
    FreezeCourse course = begun();
    CHECK(course.step(at(10s + 10ms), {}) == Phase::Stopping);
    CHECK_FALSE(course.until_still());
    CHECK(course.step(at(10s + 20ms), {.still = true}) == Phase::Measuring);
    CHECK(course.until_still() == 20ms);
}

TEST_CASE("nobody waits more than a second for what does not come to a stand") {
    FreezeCourse course = begun();
    CHECK(course.step(at(11s - 1us), {}) == Phase::Stopping);
    CHECK(course.step(at(11s), {}) == Phase::Measuring);
    CHECK_FALSE(course.until_still());
}

TEST_CASE("freezing is judged by a fresh window") {
    FreezeCourse course = standing();
    CHECK(course.measured(at(11s + 20ms - 1us), Permyriad{0}) == Phase::Measuring);
    CHECK(course.measured(at(11s + 20ms), Permyriad{0}) == Phase::Done);
    CHECK_FALSE(course.useless());
}

TEST_CASE("paging out is waited for, but not for ever") {
    FreezeCourse course = begun();
    course.step(at(10s), {.still = true});
    CHECK(course.measured(at(12s), Permyriad{0}) == Phase::Measuring);
    SECTION("it ends") {
        course.step(at(13s), {.still = true, .out = true, .resident = mib(20)});
        CHECK(course.measured(at(13s), Permyriad{0}) == Phase::Done);
        CHECK(course.paged_out() == mib(580));
    }
    SECTION("it does not") {
        CHECK(course.measured(at(20s - 1us), Permyriad{0}) == Phase::Measuring);
        CHECK(course.measured(at(20s), Permyriad{0}) == Phase::Done);
    }
}

TEST_CASE("freezing ends although nobody can say any more what the pressure is") {
    FreezeCourse course = standing();
    CHECK(course.step(at(20s), {.still = true, .out = true}) == Phase::Measuring);
    CHECK(course.step(at(20s + 20ms), {.still = true, .out = true}) == Phase::Done);
}

TEST_CASE("freezing was useless if the stall stayed") {
    const auto judged = [](std::uint32_t share) {
        FreezeCourse course = standing();
        course.measured(at(20s), Permyriad{share});
        return course.useless();
    };
    CHECK(judged(4001));
    CHECK_FALSE(judged(4000)); // by half
    CHECK_FALSE(judged(1999)); // the rule would not act on it
}

TEST_CASE("a rule without pressure judges freezing by what was paged out") {
    const auto judged = [](Bytes resident) {
        FreezeCourse course = standing({.resident = mib(600)}, resident);
        course.measured(at(20s), std::nullopt);
        return course.useless();
    };
    CHECK(judged(mib(541)));
    CHECK_FALSE(judged(mib(540)));
}

TEST_CASE("what comes back of a frozen cgroup's memory was paged out all the same") {
    FreezeCourse course = begun();
    course.step(at(11s), {.still = true, .resident = mib(100)});
    course.step(at(12s), {.still = true, .resident = mib(150)});
    course.step(at(13s), {.still = true, .resident = std::nullopt});
    CHECK(course.paged_out() == mib(500));
}

TEST_CASE("a fresh window is the rule's own, within bounds") {
    const auto window = [](Microseconds of_rule) {
        return begun({.window = of_rule}).fresh_window();
    };
    CHECK(window(1s) == 1s);
    CHECK(window(0s) == 500ms);
    CHECK(window(10min) == 10s);
}

TEST_CASE("a frozen cgroup is thawed or killed when its time is over, as the rule says") {
    const FrozenTime thawed{.since = at(10s), .freezing = {.longest = 30s}};
    const FrozenTime killed{.since = at(10s),
                            .freezing = {.longest = 30s, .then = FreezeThen::Kill}};
    CHECK(ends_at(thawed) == at(40s));
    CHECK(end_of(thawed, at(40s - 1us)) == FreezeEnd::NotYet);
    CHECK(end_of(killed, at(40s - 1us)) == FreezeEnd::NotYet);
    CHECK(end_of(thawed, at(40s)) == FreezeEnd::Thaw);
    CHECK(end_of(killed, at(40s)) == FreezeEnd::Kill);
}

TEST_CASE("who cannot be killed is thawed, not forgotten") {
    const FrozenTime killed{.since = at(10s),
                            .freezing = {.longest = 30s, .then = FreezeThen::Kill}};
    CHECK(end_of(killed, at(40s), true) == FreezeEnd::Thaw);
}
