// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/decide.hpp"

#include "catch.hpp"
#include "decide/forest.hpp"
#include "decide/recovery.hpp"

#include <array>
#include <vector>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint at(Microseconds since_boot) { return TimePoint{since_boot}; }

constexpr MemInfo roomy{
    .total = mib(1000), .available = mib(500), .swap_total = mib(100), .swap_free = mib(100)};
constexpr MemInfo scarce{
    .total = mib(1000), .available = mib(50), .swap_total = mib(100), .swap_free = mib(5)};

constexpr AmountLimit below(std::uint32_t permyriad) { return {.share = Permyriad{permyriad}}; }

/// "Full stall of 20 % for 1 s while less than 10 % of memory is available."
Rule machine_rule() {
    Rule rule;
    rule.when.pressure_full = PressureLimit{.share = {2000}, .window = 1s};
    rule.when.memory_available = below(1000);
    return rule;
}

constexpr Measured short_of_memory{.full = Permyriad{2000}, .memory = scarce};
constexpr std::array two{Candidate{.slot = 1, .id = {1}, .promise = mib(300)},
                         Candidate{.slot = 2, .id = {2}, .promise = mib(200)}};

} // namespace

TEST_CASE("pressure holds from its limit on") {
    When when{.pressure_full = PressureLimit{.share = {2000}, .window = 1s}};
    CHECK(conditions_met(when, {.full = Permyriad{1999}}) == Met::No);
    CHECK(conditions_met(when, {.full = Permyriad{2000}}) == Met::Yes);
    CHECK(conditions_met(when, {.some = Permyriad{10000}}) == Met::Unknown);

    when = {.pressure_some = PressureLimit{.share = {2000}, .window = 1s}};
    CHECK(conditions_met(when, {.some = Permyriad{1999}, .full = Permyriad{10000}}) == Met::No);
    CHECK(conditions_met(when, {.some = Permyriad{2000}}) == Met::Yes);
}

TEST_CASE("amounts are near from twice what is to be left on, and from half of what is used") {
    MemInfo memory{.total = mib(1000), .available = mib(500), .swap_total = mib(200)};
    When when{.pressure_some = PressureLimit{.share = {500}, .window = 10s},
              .memory_available = below(2500)};
    CHECK_FALSE(amounts_are_near(when, memory));
    memory.available = mib(500) - Bytes{1};
    CHECK(amounts_are_near(when, memory));
    when.swap_used = AmountLimit{.side = AmountLimit::Side::Above, .bytes = mib(100)};
    memory.swap_free = mib(150);
    CHECK_FALSE(amounts_are_near(when, memory));
    memory.swap_free = mib(150) - Bytes{1};
    CHECK(amounts_are_near(when, memory));
    memory.available = mib(1000);
    CHECK_FALSE(amounts_are_near(when, memory));
}

TEST_CASE("without limits on the machine's memory nothing is far away") {
    const MemInfo plenty{.total = mib(1000), .available = mib(1000)};
    When when{.pressure_some = PressureLimit{.share = {500}, .window = 10s}};
    when.memory_current = AmountLimit{.bytes = mib(1)};
    CHECK(amounts_are_near(when, plenty));
}

TEST_CASE("without swap its limits are not near: they hold or do not") {
    const MemInfo plenty{.total = mib(1000), .available = mib(1000)};
    CHECK(amounts_are_near({.swap_free = below(1000)}, plenty));
    const AmountLimit above{.side = AmountLimit::Side::Above};
    CHECK_FALSE(amounts_are_near({.swap_free = above}, plenty));
    CHECK_FALSE(amounts_are_near({.swap_used = above}, plenty));
}

TEST_CASE("numbers of the watched cgroup are conditions, and unknown ones no answer") {
    const MemInfo memory{.total = mib(1000)};
    When when{.memory_current = AmountLimit{.side = AmountLimit::Side::Above, .share = {{5000}}}};
    CHECK(conditions_met(when, {.memory = memory, .current = mib(501)}) == Met::Yes);
    CHECK(conditions_met(when, {.memory = memory, .current = mib(500)}) == Met::No);
    CHECK(conditions_met(when, {.memory = memory}) == Met::Unknown);
    CHECK(conditions_met(when, {.current = mib(501)}) == Met::Unknown);
    when = {.memory_growth = mib(10)};
    CHECK(conditions_met(when, {.growth = (10 << 20) + 1}) == Met::Yes);
    CHECK(conditions_met(when, {.growth = 10 << 20}) == Met::No);
    CHECK(conditions_met(when, {.growth = -(20 << 20)}) == Met::No);
    CHECK(conditions_met(when, {}) == Met::Unknown);
    when.refaults = 100;
    CHECK(conditions_met(when, {.growth = 20 << 20, .refaults = 100}) == Met::No);
    CHECK(conditions_met(when, {.growth = 20 << 20, .refaults = 101}) == Met::Yes);
}

TEST_CASE("amounts hold strictly below or above their limit") {
    const auto available = [](Bytes amount) {
        return Measured{.memory = MemInfo{.total = mib(1000), .available = amount}};
    };
    SECTION("as a share") {
        const When when{.memory_available = below(1000)};
        CHECK(conditions_met(when, available(mib(100))) == Met::No);
        CHECK(conditions_met(when, available(mib(100) - Bytes{1})) == Met::Yes);
        CHECK(conditions_met(when, available({})) == Met::Yes);
        CHECK(conditions_met(when, {}) == Met::Unknown);
    }
    SECTION("as bytes") {
        const When when{.memory_available = AmountLimit{.bytes = mib(64)}};
        CHECK(conditions_met(when, available(mib(64))) == Met::No);
        CHECK(conditions_met(when, available(mib(63))) == Met::Yes);
    }
    SECTION("above") {
        const When when{.memory_available =
                            AmountLimit{.side = AmountLimit::Side::Above, .bytes = mib(64)}};
        CHECK(conditions_met(when, available(mib(64))) == Met::No);
        CHECK(conditions_met(when, available(mib(65))) == Met::Yes);
    }
}

TEST_CASE("free swap is a share of swap, and without swap there is none left") {
    const When when{.swap_free = below(500)};
    CHECK(conditions_met(when, {.memory = roomy}) == Met::No);
    CHECK(conditions_met(when, {.memory = scarce}) == Met::No); // exactly 5 %
    CHECK(conditions_met(when, {.memory = MemInfo{.swap_total = mib(100), .swap_free = mib(4)}}) ==
          Met::Yes);
    CHECK(conditions_met(when, {.memory = MemInfo{}}) == Met::Yes);
    CHECK(conditions_met(when, {}) == Met::Unknown);

    const When plenty{.swap_free =
                          AmountLimit{.side = AmountLimit::Side::Above, .share = Permyriad{500}}};
    CHECK(conditions_met(plenty, {.memory = roomy}) == Met::Yes);
    CHECK(conditions_met(plenty, {.memory = MemInfo{}}) == Met::No);
}

TEST_CASE("used swap is the rest of swap, and without swap none is used") {
    const When when{.swap_used =
                        AmountLimit{.side = AmountLimit::Side::Above, .share = Permyriad{9500}}};
    CHECK(conditions_met(when, {.memory = roomy}) == Met::No);
    CHECK(conditions_met(when, {.memory = scarce}) == Met::No); // exactly 95 %
    CHECK(conditions_met(when, {.memory = MemInfo{.swap_total = mib(100), .swap_free = mib(4)}}) ==
          Met::Yes);
    CHECK(conditions_met(when, {.memory = MemInfo{}}) == Met::No);
    CHECK(conditions_met(when, {}) == Met::Unknown);

    const When little{.swap_used = below(9900)};
    CHECK(conditions_met(little, {.memory = roomy}) == Met::Yes);
    CHECK(conditions_met(little, {.memory = MemInfo{}}) == Met::No);
}

TEST_CASE("all conditions must hold, and what is not known does not") {
    const When when = machine_rule().when;
    CHECK(conditions_met(when, short_of_memory) == Met::Yes);
    CHECK(conditions_met(when, {.full = Permyriad{2000}, .memory = roomy}) == Met::No);
    CHECK(conditions_met(when, {.full = Permyriad{0}, .memory = scarce}) == Met::No);
    CHECK(conditions_met(when, {.memory = scarce}) == Met::Unknown);
    CHECK(conditions_met(when, {.memory = roomy}) == Met::No);
    CHECK(conditions_met({}, short_of_memory) == Met::No); // nothing was asked for
}

TEST_CASE("the first of the ranking dies when the conditions hold") {
    const Rule rule = machine_rule();
    Situation situation{
        .rule = &rule, .measured = short_of_memory, .ranked = two, .found = {.count = 5}};
    CHECK(decide(situation) == Decision{.verdict = Verdict::Kill, .first = 0});

    SECTION("not when they do not") {
        situation.measured.memory = roomy;
        CHECK(decide(situation) == Decision{});
    }
    SECTION("not when nobody knows") {
        situation.measured.full.reset();
        CHECK(decide(situation) == Decision{});
    }
    SECTION("not while another kill is not over") {
        situation.recovering = true;
        CHECK(decide(situation) == Decision{});
    }
    SECTION("not without a rule") {
        situation.rule = nullptr;
        CHECK(decide(situation) == Decision{});
    }
    SECTION("not when kills do not help") {
        situation.escalation = {.useless_in_a_row = 2, .stuck = true};
        CHECK(decide(situation) ==
              Decision{.verdict = Verdict::Stuck, .why = StuckReason::Useless});
    }
    SECTION("yes when only one did not") {
        situation.escalation = {.useless_in_a_row = 1};
        CHECK(decide(situation).verdict == Verdict::Kill);
    }
}

TEST_CASE("pressure without a victim is said, with the reason") {
    const Rule rule = machine_rule();
    Situation situation{.rule = &rule, .measured = short_of_memory};
    CHECK(decide(situation) ==
          Decision{.verdict = Verdict::Stuck, .why = StuckReason::NoCandidate});

    situation.found = {.count = 0, .spared = 4};
    CHECK(decide(situation) ==
          Decision{.verdict = Verdict::Stuck, .why = StuckReason::AllProtected});

    situation.found = {.count = 1, .spared = 4}; // one was there, but too small
    CHECK(decide(situation) ==
          Decision{.verdict = Verdict::Stuck, .why = StuckReason::NoCandidate});

    situation.measured = {.full = Permyriad{1999}, .memory = scarce};
    CHECK(decide(situation) == Decision{});
}

TEST_CASE("a rule that logs kills nobody") {
    Rule rule = machine_rule();
    rule.action = Action::Log;
    Situation situation{.rule = &rule, .measured = short_of_memory, .ranked = two};
    CHECK(decide(situation) == Decision{.verdict = Verdict::Log});
    situation.ranked = {};
    CHECK(decide(situation) == Decision{.verdict = Verdict::Log, .why = StuckReason::NoCandidate});
    situation.measured = {};
    CHECK(decide(situation) == Decision{});
}

TEST_CASE("a rule that freezes kills nobody, and freezes one after the other") {
    Rule rule = machine_rule();
    rule.action = Action::Freeze;
    Situation situation{.rule = &rule, .measured = short_of_memory, .ranked = two};
    CHECK(decide(situation) == Decision{.verdict = Verdict::Freeze});
    situation.freezing = true;
    CHECK(decide(situation) == Decision{});
    rule.action = Action::Kill; // The frozen one was not enough.
    CHECK(decide(situation) == Decision{.verdict = Verdict::Kill});
}

TEST_CASE("of two rules that ask for a kill at once one gets it") {
    const Rule first = machine_rule();
    const Rule second = machine_rule();
    Recovery recovery;
    int kills = 0;
    for (const Rule* rule : {&first, &second}) {
        const Decision decision = decide({.rule = rule,
                                          .measured = short_of_memory,
                                          .ranked = two,
                                          .recovering = recovery.running()});
        if (decision.verdict == Verdict::Kill) {
            ++kills;
            recovery.begin(at(1s), {.promise = two[0].promise});
        }
    }
    CHECK(kills == 1);
}

TEST_CASE("useless kills in a row lead to Stuck, and the end of pressure out of it") {
    Rule rule;
    rule.max_useless = 2;
    Escalation state = after({}, rule, true);
    CHECK(state == Escalation{.useless_in_a_row = 1, .stuck = false});

    SECTION("in a row") {
        CHECK(after(state, rule, true) == Escalation{.useless_in_a_row = 2, .stuck = true});
        CHECK(pressure_ended(after(state, rule, true)) == Escalation{});
    }
    SECTION("a useful one between starts over") {
        state = after(after(state, rule, false), rule, true);
        CHECK(state == Escalation{.useless_in_a_row = 1, .stuck = false});
    }
    SECTION("a rule may have no patience at all") {
        rule.max_useless = 1;
        CHECK(after({}, rule, true).stuck);
        rule.max_useless = 0;
        CHECK(after({}, rule, true).stuck);
        CHECK_FALSE(after({}, rule, false).stuck);
    }
}

TEST_CASE("a filler whose memory no kill can free costs two kills, then reapd stops") {
    const Rule rule = machine_rule();
    Escalation escalation;
    int kills = 0;
    TimePoint now = at(100s);
    for (int round = 0; round < 20; ++round) {
        const Decision decision = decide(
            {.rule = &rule, .measured = short_of_memory, .ranked = two, .escalation = escalation});
        if (decision.verdict != Verdict::Kill)
            break;
        ++kills;
        Recovery recovery;
        recovery.begin(now, {.promise = two[0].promise, .share = Permyriad{2000}, .window = 1s});
        recovery.step(now += 100ms, {.gone = true});
        recovery.measured(now += 1s, Permyriad{2000});
        escalation = after(escalation, rule, recovery.useless());
    }
    CHECK(kills == 2);
    CHECK(escalation.stuck);
}

TEST_CASE("one victim among ten thousand, the same one every time") {
    Forest forest{10002};
    const Slot root = forest.add(no_slot, essential);
    for (std::uint64_t i = 0; i < 10000; ++i)
        forest.table.at(forest.add(root)).usage = Usage{.current = mib(i * 7919 % 10000)};

    const Rule rule = machine_rule();
    for (int round = 0; round < 2; ++round) {
        std::vector<Slot> slots(10002);
        std::vector<std::uint8_t> scratch(10002);
        const Found found = find_candidates(forest.table, root, rule, tested_rule, slots, scratch);
        const std::size_t close =
            largest(std::span{slots}.first(found.count), forest.table, rule, tested_rule, 64);
        std::vector<Candidate> candidates;
        candidates.reserve(close);
        for (std::size_t i = 0; i < close; ++i)
            candidates.push_back(candidate_of(forest.table.at(slots[i]), slots[i], tested_rule));
        candidates.resize(rank(rule, mib(16000), candidates));

        const Decision decision = decide(
            {.rule = &rule, .measured = short_of_memory, .ranked = candidates, .found = found});
        REQUIRE(decision.verdict == Verdict::Kill);
        CHECK(candidates[decision.first].promise == mib(9999));
    }
}
