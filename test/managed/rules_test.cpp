// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/rules.hpp"

#include "catch.hpp"
#include "settings/rule_name.hpp"

#include <algorithm>
#include <span>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

using Cgroups = std::vector<Claimed>;

Claim pressure(std::string path, std::optional<Permyriad> limit = {},
               std::optional<Microseconds> duration = {}, std::uint32_t uid = 0) {
    return {.uid = uid,
            .path = std::move(path),
            .unit = {.pressure = true, .limit = limit, .duration = duration}};
}

Claim swap(std::string path, std::uint32_t uid = 0) {
    return {.uid = uid, .path = std::move(path), .unit = {.swap = true}};
}

std::vector<Rule> rules_of(const std::vector<Claim>& claims, const Config& config = {}) {
    const ManagedRules managed = managed_rules(claims, Policy{.config = config});
    CHECK(managed.unknown.empty());
    CHECK_FALSE(managed.crowded);
    return managed.rules;
}

} // namespace

TEST_CASE("ManagedOOMMemoryPressure=kill is a full stall over ten seconds that lasts") {
    const std::vector<Rule> rules = rules_of({pressure("a.slice", Permyriad{5550}, 90s)});
    REQUIRE(rules.size() == 1);
    const Rule& rule = rules.front();
    CHECK(rule.name == "ManagedOOMMemoryPressure-55.5-1min30s");
    CHECK_FALSE(rule_name_fault(rule.name).empty()); // no file can have it
    CHECK(rule.when == When{.pressure_full = PressureLimit{{5550}, 10s}, .lasting = 90s});
    CHECK(rule.watch.empty());
    CHECK(rule.claimed == Cgroups{{"a.slice", 0}});
    CHECK(rule.victim.among == Among::Leaves);
}

TEST_CASE("without a limit or duration of its own a unit has the defaults of the settings") {
    const std::vector<Rule> rules = rules_of(
        {pressure("a.slice")}, {.managed_pressure_limit = {4000}, .managed_pressure_duration = 5s});
    REQUIRE(rules.size() == 1);
    CHECK(rules.front().when.pressure_full == PressureLimit{{4000}, 10s});
    CHECK(rules.front().when.lasting == 5s);
}

TEST_CASE("any stall is above 0 %, and none above 100 %") {
    const std::vector<Rule> rules =
        rules_of({pressure("a.slice", Permyriad{0}), pressure("b.slice", Permyriad{10000})});
    REQUIRE(rules.size() == 1);
    CHECK(rules.front().claimed == Cgroups{{"a.slice", 0}});
    CHECK(rules.front().when.pressure_full->share == Permyriad{1});
}

TEST_CASE("ManagedOOMSwap=kill is used memory and used swap above the limit") {
    const std::vector<Rule> rules = rules_of({swap("")}, {.swap_used_limit = {8000}});
    REQUIRE(rules.size() == 1);
    using Side = AmountLimit::Side;
    CHECK(rules.front().name == "ManagedOOMSwap");
    CHECK(rules.front().when == When{.memory_available = AmountLimit{Side::Below, {{2000}}, {}},
                                     .swap_used = AmountLimit{Side::Above, {{8000}}, {}}});
    CHECK(rules.front().victim.order == std::vector{Order::Swap, Order::Size});
}

TEST_CASE("units that ask for the same share a rule, whoever asks") {
    const std::vector<Rule> rules =
        rules_of({pressure("b.slice"), swap("a.slice"), pressure("u/app.slice", {}, {}, 1000),
                  pressure("b.slice"), pressure("a.slice")});
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].name == "ManagedOOMMemoryPressure-60-30s");
    CHECK(rules[0].claimed == Cgroups{{"a.slice", 0}, {"b.slice", 0}, {"u/app.slice", 1000}});
    CHECK(rules[1].claimed == Cgroups{{"a.slice", 0}});
}

TEST_CASE("what only users ask for comes last, so that it is what does not fit") {
    const std::vector<Rule> rules =
        rules_of({pressure("u/app.slice", Permyriad{100}, {}, 1000), swap("a.slice")});
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].name == "ManagedOOMSwap");
    CHECK(rules[1].claimed == Cgroups{{"u/app.slice", 1000}});
}

TEST_CASE("with ManagedOOM=no units ask for nothing") {
    CHECK(rules_of({pressure("a.slice"), swap("b.slice")}, {.managed_oom = false}).empty());
}

TEST_CASE("OOMRules= names files of systemd-oomd, and one that is not there is told") {
    const Policy policy{
        .oomd_rules = {{"all", {.file = "all.oomrule", .pressure_above = Permyriad{0}}},
                       {"scan",
                        {.pressure_above = Permyriad{4000},
                         .swap_above = Permyriad{5000},
                         .kill = OomdRule::Kill::ByReclaim,
                         .lasting = 5s}},
                       {"swap", {.swap_above = Permyriad{9000}, .kill = OomdRule::Kill::BySwap}}}};
    const std::vector<Claim> claims{
        {.path = "a.service", .unit = {.rules = {"all", "scan", "none", "swap"}}},
        {.path = "b.service", .unit = {.rules = {"none", "swap"}}}};
    const ManagedRules managed = managed_rules(claims, policy);
    const std::vector<Rule>& rules = managed.rules;
    CHECK(managed.unknown == std::set<std::string>{"none"});
    REQUIRE(rules.size() == 3);
    CHECK(rules[0].name == "ManagedOOMRule-all");
    CHECK(rules[0].file == "all.oomrule");
    CHECK(rules[0].when == When{.pressure_full = PressureLimit{{1}, 10s}});
    CHECK(rules[0].victim.among == Among::Self);
    using Side = AmountLimit::Side;
    CHECK(rules[1].when == When{.pressure_full = PressureLimit{{4000}, 10s},
                                .swap_used = AmountLimit{Side::Above, {{5000}}, {}},
                                .lasting = 5s});
    CHECK(rules[1].victim.order == std::vector{Order::Reclaim, Order::Size});
    CHECK(rules[2].victim.order == std::vector{Order::Swap, Order::Size});
    CHECK(rules[2].claimed == Cgroups{{"a.service", 0}, {"b.service", 0}});
    for (const Rule& rule : rules)
        CHECK(rule.name.starts_with(oomd_rule_prefix));
}

TEST_CASE("no user takes all that can be watched, and root is not counted") {
    std::vector<Claim> claims;
    const auto ask = [&](std::uint32_t uid, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            claims.push_back(swap(std::to_string(uid) + "/" + std::to_string(i), uid));
    };
    const auto watched = [&](std::uint32_t uid) {
        const ManagedRules managed = managed_rules(claims, {});
        REQUIRE(managed.rules.size() == 1);
        return std::ranges::count(managed.rules[0].claimed, uid, &Claimed::owner);
    };
    ask(0, 1000);
    for (std::uint32_t uid = 100'000; uid < 100'020; ++uid)
        ask(uid, 100);
    ask(1000, 33);
    CHECK(watched(0) == 1000);
    CHECK(watched(1000) == 32);
    CHECK(watched(100'000) == 32);
    CHECK(watched(100'019) == 0);
    CHECK(managed_rules(claims, {}).crowded);
    claims.clear();
    ask(1000, 32);
    CHECK(watched(1000) == 32);
    CHECK_FALSE(managed_rules(claims, {}).crowded);
}

TEST_CASE("a user comes with few limits of its own, and with any of those that others have") {
    std::vector<Claim> claims;
    for (std::uint32_t i = 1; i <= 6; ++i) {
        claims.push_back(pressure("a" + std::to_string(i), Permyriad{i * 100}, 1s, 1000));
        claims.push_back(pressure("r" + std::to_string(i), Permyriad{i * 1000}, 1s));
        claims.push_back(pressure("b" + std::to_string(i), Permyriad{i * 1000}, 1s, 1000));
    }
    const ManagedRules managed = managed_rules(claims, {});
    CHECK(managed.crowded);
    CHECK(managed.rules.size() == 6 + 4);
    for (const Rule& rule : std::span{managed.rules}.first(6))
        CHECK(rule.claimed.size() == 2);
}

TEST_CASE("rules about swap kill nobody who has nothing there") {
    const std::vector<Rule> rules = rules_of({swap("a.slice"), pressure("a.slice")});
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].victim.minimum_swap == Bytes{});
    CHECK(rules[1].victim.minimum_swap == mib(1));
}
