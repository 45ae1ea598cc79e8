// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/recovery.hpp"

#include "catch.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint at(Microseconds since_boot) { return TimePoint{since_boot}; }

using Phase = Recovery::Phase;

constexpr BeforeKill of_100_mib{.promise = mib(100), .share = Permyriad{4000}, .window = 2s};

Remaining left(Bytes memory) { return {.memory = memory}; }

} // namespace

TEST_CASE("a recovery waits for the memory, then for one fresh window") {
    Recovery recovery;
    CHECK_FALSE(recovery.running());
    CHECK(recovery.step(at(9s), left({})) == Phase::Idle);

    recovery.begin(at(10s), of_100_mib);
    CHECK(recovery.running());
    CHECK(recovery.step(at(10010ms), left(mib(100))) == Phase::Releasing);
    CHECK(recovery.step(at(10050ms), left(mib(50))) == Phase::Releasing);
    CHECK(recovery.until_half() == 50ms);
    CHECK(recovery.step(at(10080ms), left(mib(5) + Bytes{1})) == Phase::Releasing);
    CHECK(recovery.step(at(10090ms), left(mib(5))) == Phase::Measuring);
    CHECK(recovery.until_released() == 90ms);
    CHECK(recovery.released() == mib(95));

    CHECK(recovery.fresh_at() == at(12090ms));
    CHECK(recovery.measured(at(12090ms) - 1us, Permyriad{0}) == Phase::Measuring);
    CHECK(recovery.step(at(12090ms), left(mib(0))) == Phase::Measuring);
    CHECK(recovery.measured(at(12090ms), Permyriad{2000}) == Phase::Done);
    CHECK_FALSE(recovery.running());
    CHECK_FALSE(recovery.useless());
    CHECK(recovery.released() == mib(100));

    SECTION("and the next begins from nothing") {
        recovery.begin(at(20s), of_100_mib);
        CHECK(recovery.phase() == Phase::Releasing);
        CHECK(recovery.released() == Bytes{});
        CHECK_FALSE(recovery.until_half());
        CHECK_FALSE(recovery.until_released());
    }
}

TEST_CASE("a fresh window is the rule's own, between half a second and ten") {
    const auto fresh = [](Microseconds window) {
        Recovery recovery;
        recovery.begin(at(0s), {.window = window});
        return recovery.fresh_window();
    };
    CHECK(fresh(0s) == 500ms);
    CHECK(fresh(2s) == 2s);
    CHECK(fresh(600s) == 10s);
}

TEST_CASE("releasing ends with the last process, though its memory may linger") {
    Recovery recovery;
    recovery.begin(at(10s), of_100_mib);
    CHECK(recovery.step(at(10100ms), {.populated = false, .memory = mib(80)}) == Phase::Measuring);
    CHECK(recovery.released() == mib(20));
    CHECK_FALSE(recovery.until_released());

    recovery.step(at(10150ms), {.populated = false, .memory = mib(1)});
    CHECK(recovery.released() == mib(99));
    CHECK(recovery.until_released() == 150ms);

    SECTION("what a restarted service takes is not the victim's") {
        recovery.step(at(11s), {.populated = true, .memory = mib(90)});
        CHECK(recovery.released() == mib(99));
    }
}

TEST_CASE("a cgroup that vanished gave back what it promised") {
    Recovery recovery;
    recovery.begin(at(10s), of_100_mib);
    CHECK(recovery.step(at(10020ms), {.gone = true}) == Phase::Measuring);
    CHECK(recovery.released() == mib(100));
    CHECK(recovery.until_released() == 20ms);
}

TEST_CASE("a victim that cannot be read is judged by its last reading") {
    Recovery recovery;
    recovery.begin(at(10s), of_100_mib);
    recovery.step(at(10100ms), left(mib(60)));
    CHECK(recovery.step(at(10200ms), {}) == Phase::Releasing);
    CHECK(recovery.released() == mib(40));
}

TEST_CASE("a victim that gives nothing back is waited for 5 s, and useless") {
    Recovery recovery;
    recovery.begin(at(10s), of_100_mib);
    CHECK(recovery.step(at(15s) - 1us, left(mib(91))) == Phase::Releasing);
    CHECK(recovery.step(at(15s), left(mib(91))) == Phase::Measuring);
    CHECK(recovery.measured(at(17s), Permyriad{0}) == Phase::Done);
    CHECK(recovery.useless());

    SECTION("also when it grew") {
        recovery.begin(at(20s), of_100_mib);
        recovery.step(at(25s), left(mib(300)));
        recovery.measured(at(27s), Permyriad{0});
        CHECK(recovery.released() == Bytes{});
        CHECK(recovery.useless());
    }
    SECTION("10 % is not nothing") {
        recovery.begin(at(20s), of_100_mib);
        recovery.step(at(25s), left(mib(90)));
        recovery.measured(at(27s), Permyriad{0});
        CHECK_FALSE(recovery.useless());
    }
}

TEST_CASE("a kill that left the pressure where it was is useless") {
    Recovery recovery;
    recovery.begin(at(10s), of_100_mib);
    recovery.step(at(10s), {.gone = true});
    const auto share = GENERATE(0U, 2000U, 2001U, 10000U);
    recovery.measured(at(12s), Permyriad{share});
    CHECK(recovery.useless() == (share > 2000)); // was 4000
}

TEST_CASE("a kill after which the rule would not act is of use, little as the stall has fallen") {
    Recovery recovery;
    recovery.begin(
        at(0s),
        {.promise = mib(100), .share = Permyriad{2800}, .limit = Permyriad{2000}, .window = 1s});
    recovery.step(at(1s), {.gone = true, .populated = false});
    const auto share = GENERATE(1999U, 2000U);
    recovery.measured(at(3s), Permyriad{share});
    REQUIRE(recovery.phase() == Recovery::Phase::Done);
    CHECK(recovery.useless() == (share == 2000));
}

TEST_CASE("pressure that is not known does not judge a kill") {
    Recovery recovery;
    recovery.begin(at(10s), {.promise = mib(100), .window = 2s});
    recovery.step(at(10s), {.gone = true});
    recovery.measured(at(12s), Permyriad{10000});
    CHECK_FALSE(recovery.useless()); // a rule with amounts alone

    recovery.begin(at(20s), of_100_mib);
    recovery.step(at(20s), {.gone = true});
    CHECK(recovery.measured(at(22s), std::nullopt) == Phase::Done);
    CHECK_FALSE(recovery.useless());
}

TEST_CASE("a recovery ends though nobody measures any more") {
    Recovery recovery;
    recovery.begin(at(10s), of_100_mib);
    recovery.step(at(10s), {.gone = true});
    CHECK(recovery.step(at(14s) - 1us, {.gone = true}) == Phase::Measuring);
    CHECK(recovery.step(at(14s), {.gone = true}) == Phase::Done);
}
