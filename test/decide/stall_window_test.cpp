// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/stall_window.hpp"

#include "catch.hpp"
#include "decide/pace.hpp"

#include <array>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint at(Microseconds since_boot) { return TimePoint{since_boot}; }

/// A counter that stands still until `onset` and then rises by `rate` of the time.
struct Stalling {
    TimePoint onset{};
    Permyriad rate{};

    Microseconds total(TimePoint now) const {
        const auto lasting = std::chrono::duration_cast<Microseconds>(now - onset);
        return lasting <= 0us ? 0us : lasting * rate.value / 10000;
    }
};

struct Machine {
    PressureLimit limit{};
    Permyriad rate{};                    ///< of the pressure that begins
    Microseconds smallest_window{500ms}; ///< of the kernel's triggers
    Microseconds latency{};              ///< from the trigger to the guard's read
};

/// From the onset of steady pressure, after an hour of sleep, to the first sample at which the
/// rule's share is reached. Nothing when that does not happen for ten windows.
std::optional<Microseconds> decides_after(const Machine& machine) {
    const Stalling pressure{.onset = at(3600s), .rate = machine.rate};
    const Microseconds length = machine.limit.window;
    StallWindow window{length};
    window.add(at(0s), 0us);

    const TriggerPlan plan =
        plan_trigger(machine.limit, StallKind::Full, machine.smallest_window, true);
    const Microseconds gathering = plan.stall * 10000 / machine.rate.value;
    TimePoint now = pressure.onset + gathering + machine.latency;
    window.credit(now, pressure.total(now), plan.stall, plan.window);
    while (window.share() < machine.limit.share) {
        now += sampling_step(length);
        window.add(now, pressure.total(now));
        if (now > pressure.onset + 10 * length)
            return std::nullopt;
    }
    return std::chrono::duration_cast<Microseconds>(now - pressure.onset);
}

} // namespace

TEST_CASE("a window says nothing before it is full") {
    StallWindow window{2s};
    CHECK_FALSE(window.share());
    CHECK_FALSE(window.share_of_last(0s));

    window.add(at(10s), 500s); // first seen: what the counter says already is old
    CHECK_FALSE(window.share());
    CHECK(window.share_of_last(0s) == Permyriad{0});
    window.add(at(12s) - 1us, 501s);
    CHECK_FALSE(window.share());
    window.add(at(12s), 501s);
    CHECK(window.share() == Permyriad{5000});
}

TEST_CASE("a share is that of the last window alone") {
    StallWindow window{10s};
    window.add(at(0s), 0s);
    window.add(at(10s), 10s);
    CHECK(window.share() == Permyriad{10000});
    window.add(at(20s), 10s);
    CHECK(window.share() == Permyriad{0});
    window.add(at(25s), 15s);
    CHECK(window.share() == Permyriad{5000});
    CHECK(window.share_of_last(5s) == Permyriad{10000});
    CHECK(window.share_of_last(2500ms) == Permyriad{10000});
}

TEST_CASE("the counter rises evenly between two samples") {
    StallWindow window{2s};
    window.add(at(0s), 0s);
    window.add(at(3s), 3s);
    window.add(at(4s), 3s);
    CHECK(window.share() == Permyriad{5000});
    CHECK(window.share_of_last(1500ms) == Permyriad{3333});
}

TEST_CASE("a counter that goes backwards belongs to a new cgroup") {
    StallWindow window{1s};
    window.add(at(0s), 100s);
    window.add(at(1s), 101s);
    REQUIRE(window.share() == Permyriad{10000});

    window.add(at(2s), 1s);
    CHECK_FALSE(window.share());
    window.add(at(3s), 1s);
    CHECK(window.share() == Permyriad{0});

    SECTION("also at a trigger's event") {
        window.credit(at(4s), 500ms, 100ms, 500ms);
        CHECK_FALSE(window.share());
    }
}

TEST_CASE("a share is never above everything") {
    StallWindow window{1s};
    window.add(at(0s), 0s);
    window.add(at(1s), 1010ms);
    CHECK(window.share() == Permyriad{10000});
}

TEST_CASE("two readings of one moment are one sample") {
    StallWindow window{1s};
    window.add(at(0s), 0s);
    for (int i = 0; i < 1000; ++i)
        window.add(at(1s), 500ms);
    CHECK(window.share() == Permyriad{5000});
}

TEST_CASE("steady pressure has its share however it is sampled") {
    const auto length = GENERATE(500ms, 2s, 10s, 600s);
    const Stalling pressure{.onset = at(0s), .rate = {4000}};
    StallWindow window{length};
    TimePoint now = at(0s);
    // Steps from 1 to 997 ms without a pattern; more samples than any ring holds.
    std::uint64_t state = 1;
    for (int i = 0; i < 10000; ++i) {
        window.add(now, pressure.total(now));
        REQUIRE(window.share().has_value() == (now - length >= at(0s)));
        REQUIRE(window.share().value_or(Permyriad{4000}) == Permyriad{4000});
        state = state * 6364136223846793005 + 1442695040888963407;
        now += std::chrono::milliseconds{1 + (state >> 33) % 997};
    }
}

TEST_CASE("sampling faster than the ring is fine keeps the whole window") {
    StallWindow window{600s};
    const Stalling pressure{.onset = at(600s), .rate = {10000}};
    for (TimePoint now = at(0s); now <= at(900s); now += 10ms)
        window.add(now, pressure.total(now));
    CHECK(window.share() == Permyriad{5000});
    CHECK(window.share_of_last(400s) == Permyriad{7500});
}

TEST_CASE("a trigger's stall counts for its window, what rose before for the whole sleep") {
    StallWindow window{2s};
    window.add(at(0s), 0s);

    SECTION("an hour of light pressure is not pressure now") {
        window.credit(at(3600s), 360s, 50ms, 500ms); // 10 % all the time
        CHECK(window.share() >= Permyriad{1000});
        CHECK(window.share() <= Permyriad{1250});
    }
    SECTION("a single burst long ago is not either") {
        window.add(at(10s), 8s);
        window.credit(at(3600s), 8100ms, 100ms, 500ms);
        CHECK(window.share() == Permyriad{500});
    }
    SECTION("all of it if hardly more rose") {
        window.credit(at(3600s), 150ms, 100ms, 500ms);
        CHECK(window.share() == Permyriad{750});
    }
    SECTION("no more than rose") {
        window.credit(at(3600s), 60ms, 100ms, 500ms);
        CHECK(window.share() == Permyriad{300});
    }
    SECTION("credit alone never fills a window of the trigger's own length") {
        const PressureLimit limit{.share = {4000}, .window = 500ms};
        const TriggerPlan plan = plan_trigger(limit, StallKind::Full, 500ms, true);
        StallWindow narrow{limit.window};
        narrow.add(at(0s), 0s);
        const Microseconds risen = GENERATE(100ms, 150ms, 151ms, 199ms);
        narrow.credit(at(3600s), risen, plan.stall, plan.window);
        CHECK(narrow.share() < limit.share);
    }
}

TEST_CASE("a window first seen at a trigger's event waits until it is full") {
    StallWindow window{500ms};
    window.credit(at(10s), 5s, 100ms, 500ms);
    CHECK_FALSE(window.share());
}

TEST_CASE("steady pressure of the limit decides after one window and one step at most") {
    const auto length =
        GENERATE(Microseconds{500ms}, Microseconds{2s}, Microseconds{10s}, Microseconds{600s});
    const auto share = GENERATE(Permyriad{100}, Permyriad{1000}, Permyriad{4000}, Permyriad{10000});
    const auto smallest = GENERATE(Microseconds{100ms}, Microseconds{500ms});
    const auto latency = GENERATE(Microseconds{0}, Microseconds{1ms}, Microseconds{50ms});
    CAPTURE(length.count(), share.value, smallest.count(), latency.count());

    const auto decided = decides_after({.limit = {.share = share, .window = length},
                                        .rate = share,
                                        .smallest_window = smallest,
                                        .latency = latency});
    CHECK(decided >= length); // and not before
    CHECK(decided.value_or(Microseconds::max()) <= length + sampling_step(length));
}

TEST_CASE("a machine that stands still decides as soon as the share has gathered") {
    const auto length =
        GENERATE(Microseconds{500ms}, Microseconds{2s}, Microseconds{10s}, Microseconds{600s});
    const auto share = GENERATE(Permyriad{1000}, Permyriad{4000}, Permyriad{8000});
    const auto latency = GENERATE(Microseconds{0}, Microseconds{1ms}, Microseconds{50ms});
    CAPTURE(length.count(), share.value, latency.count());

    const auto decided = decides_after(
        {.limit = {.share = share, .window = length}, .rate = {10000}, .latency = latency});
    const Microseconds gathered = length * share.value / 10000;
    CHECK(decided >= gathered);
    CHECK(decided.value_or(Microseconds::max()) <= gathered + sampling_step(length) + latency);
}

TEST_CASE("steady pressure below the limit never decides") {
    const auto length = GENERATE(Microseconds{500ms}, Microseconds{2s}, Microseconds{10s});
    const auto rate = GENERATE(2100U, 2500U, 3000U, 3500U, 3900U, 3990U);
    const auto latency = GENERATE(Microseconds{0}, Microseconds{50ms});
    CAPTURE(length.count(), rate, latency.count());
    CHECK_FALSE(decides_after(
        {.limit = {.share = {4000}, .window = length}, .rate = {rate}, .latency = latency}));
}

TEST_CASE("samples are a twentieth of the window apart, between the setting and 5 s") {
    CHECK(sampling_step(500ms) == 100ms);
    CHECK(sampling_step(2s) == 100ms);
    CHECK(sampling_step(2020ms) == 101ms);
    CHECK(sampling_step(10s) == 500ms);
    CHECK(sampling_step(100s) == 5s);
    CHECK(sampling_step(600s) == 5s);
    CHECK(sampling_step(500ms, 20ms) == 25ms);
    CHECK(sampling_step(600s, 8s) == 8s); // whoever asks for it gets it
}

TEST_CASE("one quiet window is enough to sleep, between 1 s and 10 s") {
    CHECK(quiet_span(500ms) == 1s);
    CHECK(quiet_span(2s) == 2s);
    CHECK(quiet_span(600s) == 10s);
}

TEST_CASE("a trigger rings at half the share in the smallest window that makes sense") {
    const auto plan = [](PressureLimit limit, Microseconds smallest, bool privileged) {
        return plan_trigger(limit, StallKind::Some, smallest, privileged);
    };
    SECTION("what 6.1 takes") {
        CHECK(plan({{4000}, 2s}, 500ms, true) == TriggerPlan{StallKind::Some, 100ms, 500ms});
        CHECK(plan({{4000}, 600s}, 500ms, true) == TriggerPlan{StallKind::Some, 100ms, 500ms});
        CHECK(plan({{4000}, 500ms}, 500ms, true) == TriggerPlan{StallKind::Some, 100ms, 500ms});
    }
    SECTION("shorter windows on newer kernels, where the rule is in a hurry") {
        CHECK(plan({{4000}, 500ms}, 50ms, true).window == 250ms);
        CHECK(plan({{4000}, 120ms}, 50ms, true).window == 100ms);
        CHECK(plan({{4000}, 10s}, 50ms, true).window == 500ms);
    }
    SECTION("multiples of 2 s without privileges, still half of a shorter rule") {
        CHECK(plan({{4000}, 10s}, 500ms, false) == TriggerPlan{StallKind::Some, 400ms, 2s});
        CHECK(plan({{4000}, 500ms}, 500ms, false) == TriggerPlan{StallKind::Some, 100ms, 2s});
    }
    SECTION("a stall that the kernel takes") {
        CHECK(plan({{1}, 500ms}, 500ms, true).stall == 1ms);
        CHECK(plan({{10000}, 500ms}, 500ms, true).stall == 250ms);
    }
}

TEST_CASE("a rule with amounts alone sleeps as long as memory cannot run out") {
    CHECK(amount_sleep({0}, false) == 100ms);
    CHECK(amount_sleep(mib(6), false) == 100ms);
    CHECK(amount_sleep(mib(6144), false) <= 1s);
    CHECK(amount_sleep(mib(6144), false) > 990ms);
    CHECK(amount_sleep(mib(6144), true) <= 6s);
    CHECK(amount_sleep(mib(6144), true) > 5900ms);
    CHECK(amount_sleep(mib(1 << 20), false) == 10s);
}
