// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/cooling.hpp"

#include "catch.hpp"

#include <algorithm>
#include <vector>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

Rule hint_rule() {
    Rule rule;
    rule.action = Action::Hint;
    rule.cooling = {.budget = mib(256), .idle = 60s, .interval = 5s};
    rule.victim.minimum_size = mib(50);
    return rule;
}

constexpr Slot nobody = no_slot;

RoundCost quiet(Bytes moved) { return {.moved = moved, .observed = 5s}; }
RoundCost dear(Bytes moved, Bytes back) { return {.moved = moved, .back = back, .observed = 5s}; }

} // namespace

TEST_CASE("who is idle for long enough and large enough is cooled, the largest first") {
    const Rule rule = hint_rule();
    std::vector<Coolable> all{{.slot = 1, .unprotected = mib(100), .idle = 90s},
                              {.slot = 2, .unprotected = mib(300), .idle = 59s},
                              {.slot = 3, .unprotected = mib(200), .idle = 60s},
                              {.slot = 4, .unprotected = mib(400), .idle = 90s, .rests = true},
                              {.slot = 5, .unprotected = mib(49), .idle = 90s}};
    CHECK(pick_coolable(rule, all, nobody) == 2U);
    std::ranges::reverse(all);
    CHECK(pick_coolable(rule, all, nobody) == 2U);
    all[2].unprotected = mib(50); // Most of it is protected.
    CHECK(pick_coolable(rule, all, nobody) == 4U);
    CHECK_FALSE(pick_coolable(rule, {}, nobody));
}

TEST_CASE("who was cooled last goes on, unless another is preferred") {
    const Rule rule = hint_rule();
    std::vector<Coolable> all{{.slot = 1, .unprotected = mib(100), .idle = 90s},
                              {.slot = 2, .unprotected = mib(300), .idle = 90s}};
    CHECK(pick_coolable(rule, all, 1) == 0U);
    all[1].preference = 1;
    CHECK(pick_coolable(rule, all, 1) == 1U);
    all[1].preference = -1;
    CHECK(pick_coolable(rule, all, 2) == 0U);
}

TEST_CASE("with Idle=0 the largest is cooled whatever it does") {
    Rule rule = hint_rule();
    rule.cooling.idle = 0s;
    const std::vector<Coolable> all{{.slot = 1, .unprotected = mib(100)}};
    CHECK(pick_coolable(rule, all, nobody) == 0U);
}

TEST_CASE("what is protected as a whole is not cooled even without MinimumSize=") {
    Rule rule = hint_rule();
    rule.victim.minimum_size = {};
    const std::vector<Coolable> all{{.slot = 1, .idle = 90s}};
    CHECK_FALSE(pick_coolable(rule, all, nobody));
}

TEST_CASE("without a tenth of swap free nothing is moved, but may be called cold") {
    Rule rule = hint_rule();
    CHECK(has_place(rule, {.swap_total = mib(1000), .swap_free = mib(100)}));
    CHECK_FALSE(has_place(rule, {.swap_total = mib(1000), .swap_free = mib(99)}));
    CHECK_FALSE(has_place(rule, {}));
    rule.cooling.advice = Advice::Cold;
    CHECK(has_place(rule, {}));
    rule.action = Action::Reclaim; // Has no advice.
    CHECK_FALSE(has_place(rule, {}));
}

TEST_CASE("a cgroup that sleeps is cooled at full speed") {
    const Cooling cooling = hint_rule().cooling;
    Dose dose = first_dose(cooling);
    CHECK(dose == Dose{mib(256), 5s});
    for (int round = 0; round < 5; ++round)
        dose = next_dose(dose, cooling, quiet(mib(256)));
    CHECK(dose == Dose{mib(256), 5s});
}

TEST_CASE("a cgroup that works is left alone after a few rounds, each half of the one before") {
    const Cooling cooling = hint_rule().cooling;
    // Of a program that goes through all of its memory again and again nearly all is soon back.
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> moved_and_back{
        {248, 231}, {126, 119}, {61, 61}, {33, 30}, {16, 16}, {8, 8}, {4, 4}, {2, 2}};
    Dose dose = first_dose(cooling);
    std::uint64_t moved = 0;
    Microseconds taken{};
    for (const auto& [went, back] : moved_and_back) {
        const Dose next = next_dose(dose, cooling, dear(mib(went), mib(back)));
        CHECK(next.budget.value == dose.budget.value / 2);
        CHECK(next.pause == std::min<Microseconds>(dose.pause * 2, 10min));
        moved += went;
        taken += dose.pause;
        dose = next;
    }
    CHECK(moved < 512);
    CHECK(taken > 20min);
}

TEST_CASE("the pause ends somewhere, and the budget is never nothing") {
    const Cooling cooling = hint_rule().cooling;
    Dose dose = first_dose(cooling);
    for (int round = 0; round < 100; ++round)
        dose = next_dose(dose, cooling, dear(mib(64), mib(64)));
    CHECK(dose == Dose{mib(1), 10min});
    // A rule that pauses longer by itself stays with that.
    CHECK(next_dose({mib(64), 1h}, {.budget = mib(64), .interval = 1h}, dear(mib(64), mib(64)))
              .pause == 1h);
}

TEST_CASE("when it is quiet again both go back step by step") {
    const Cooling cooling = hint_rule().cooling;
    Dose dose{mib(64), 20s};
    dose = next_dose(dose, cooling, quiet(mib(64)));
    CHECK(dose == Dose{mib(128), 10s});
    dose = next_dose(dose, cooling, quiet(mib(128)));
    CHECK(dose == Dose{mib(256), 5s});
    dose = next_dose(dose, cooling, quiet(mib(256)));
    CHECK(dose == Dose{mib(256), 5s});
}

TEST_CASE("a twentieth back is tolerated, and so is what any program reads now and then") {
    CHECK_FALSE(takes_back(dear(mib(200), mib(10))));
    CHECK(takes_back(dear(mib(200), mib(10) + Bytes{1})));
    CHECK_FALSE(takes_back(dear(Bytes{}, mib(1))));
    CHECK(takes_back(dear(Bytes{}, mib(1) + Bytes{1})));
}

TEST_CASE("a cgroup that waits for its memory is dear however little it reads") {
    CHECK_FALSE(takes_back({.moved = mib(200), .stalled = 250ms, .observed = 5s}));
    CHECK(takes_back({.moved = mib(200), .stalled = 251ms, .observed = 5s}));
}

TEST_CASE("where nothing is left to take the next look comes later and is no smaller") {
    const Cooling cooling = hint_rule().cooling;
    RoundCost cost = quiet(Bytes{});
    cost.exhausted = true;
    CHECK(next_dose(first_dose(cooling), cooling, cost) == Dose{mib(256), 10s});
    cost.moved = mib(40); // That was something.
    CHECK(next_dose(first_dose(cooling), cooling, cost) == Dose{mib(256), 5s});
}

TEST_CASE("the cost is looked at until the next round, within bounds") {
    CHECK(observation({.interval = 1s}) == 1s);
    CHECK(observation({.interval = 5s}) == 5s);
    CHECK(observation({.interval = 1h}) == 10s);
}

TEST_CASE("a rule without conditions cools always, and only if it cools") {
    Rule rule = hint_rule();
    CHECK(cools_always(rule));
    rule.when.memory_available = AmountLimit{.bytes = mib(100)};
    CHECK_FALSE(cools_always(rule));
    CHECK_FALSE(cools_always(Rule{}));
}

TEST_CASE("who is idle is looked at twice in Idle=, from once a second to once in ten minutes") {
    CHECK(idle_step({.idle = 30s}) == 15s);
    CHECK(idle_step({.idle = 1s}) == 1s);
    CHECK(idle_step({.idle = 24h}) == 10min);
}

TEST_CASE("whether somebody is idle concerns rules that cool and have Idle= alone") {
    Rule rule;
    rule.action = Action::Hint;
    CHECK(asks_who_is_idle(rule));
    rule.cooling.idle = 0us;
    CHECK_FALSE(asks_who_is_idle(rule));
    CHECK_FALSE(asks_who_is_idle(Rule{}));
}
