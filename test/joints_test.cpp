// SPDX-License-Identifier: LGPL-2.1-or-later

/// What joins the folders: marks, watches, and the tags of triggers.

#include "catch.hpp"
#include "channel.hpp"
#include "marks.hpp"
#include "watch.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

Rule rule(std::string name, std::vector<std::string> watch, Microseconds window = 1s) {
    Rule made{.name = std::move(name), .watch = std::move(watch)};
    made.when.pressure_full = PressureLimit{.share = {2000}, .window = window};
    return made;
}

constexpr TimePoint at(Microseconds since_boot) { return TimePoint{since_boot}; }

Pressure stalled(Microseconds total) {
    return {.some = {.total = total}, .full = {.total = total}};
}

constexpr std::string_view own = "reapd.slice/reapd.service";

} // namespace

TEST_CASE("a cgroup is watched by the rules that name it") {
    const Policy policy{
        .rules = {rule("a", {"/"}), rule("b", {"*.slice"}), rule("c", {"x.slice"})}};
    CHECK(marks_of(policy, "", own).watched == 0b001);
    CHECK(marks_of(policy, "x.slice", own).watched == 0b110);
    CHECK(marks_of(policy, "x.slice/y.slice", own).watched == 0);
}

TEST_CASE("the root, init, reapd and what holds reapd never die") {
    const Policy policy{.rules = {rule("a", {"/"})}};
    for (const char* const path : {"", "init.scope", "reapd.slice", "reapd.slice/reapd.service"})
        CHECK(marks_of(policy, path, own).never);
    // The manager stops a slice's other units when they misbehave; reapd may, too.
    CHECK_FALSE(marks_of(policy, "reapd.slice/other.service", own).never);
    CHECK_FALSE(marks_of(policy, "reapd.slice/reapd.service2", own).never);
}

TEST_CASE("what lies below an essential cgroup is part of it") {
    Policy policy{.rules = {rule("a", {"/"})}};
    policy.config.essential = {"system.slice/dbus.service"};
    CHECK(marks_of(policy, "system.slice/dbus.service", own).never);
    CHECK(marks_of(policy, "system.slice/dbus.service/deep/down", own).never);
    CHECK_FALSE(marks_of(policy, "system.slice", own).never);
    CHECK_FALSE(marks_of(policy, "system.slice/dbus.service-hog", own).never);
}

TEST_CASE("what is essential to a user is spared as if he wished so, not at any price") {
    Policy policy{.rules = {rule("a", {"/"})}};
    policy.config.essential = {"user.slice/user-*.slice/user@*.service/session.slice"};
    const char* const path = "user.slice/user-7.slice/user@7.service/session.slice/hog.service";
    const Marks marks = marks_of(policy, path, own, {.owner = 7, .wish = Wish::Avoid});
    CHECK_FALSE(marks.never);
    CHECK(marks.dear);
    CHECK(marks.wish == Wish::Omit);
    CHECK(marks.owner == 7);
    CHECK(marks_of(policy, path, own).never);

    // Nobody but root names what is not below a user's manager, whoever has its directory.
    policy.config.essential = {"system.slice/ci.service"};
    const Marks delegated =
        marks_of(policy, "system.slice/ci.service/job", own, {.owner = 7}, true);
    CHECK(delegated.never);
    CHECK_FALSE(delegated.dear);
    CHECK(delegated.wish == Wish::None);
}

TEST_CASE("the login that a user sits at is never to stand still, what his manager started may") {
    Policy policy{.rules = {rule("kills", {"/"}), rule("freezes", {"/"}), rule("hints", {"/"}),
                            rule("holds", {"/"})}};
    policy.rules[1].action = Action::Freeze;
    policy.rules[2].action = Action::Hint;
    policy.rules[3].action = Action::Hint;
    policy.rules[3].cooling.freeze = true;
    const auto spared = [&](const char* path) { return marks_of(policy, path, own).spared; };
    CHECK(spared("user.slice/user-7.slice/session-3.scope") == 0b1010);
    CHECK(spared("user.slice/user-7.slice/session-c1.scope") == 0b1010);
    CHECK(spared("user.slice/user-7.slice/run-r1.scope") == 0);
    CHECK(spared("user.slice/user-7.slice/user@7.service/app.slice/session-3.scope") == 0);
    CHECK(spared("system.slice/session-3.scope") == 0);
}

TEST_CASE("only ProcessesIn= names cgroups in which one process dies") {
    Policy policy{.rules = {rule("a", {"/"}), rule("b", {"/"})}};
    policy.rules[0].victim.processes_in = {"x.slice/*.scope"};
    policy.rules[1].victim.among = Among::Processes; // of its leaves, whatever they are called
    CHECK(marks_of(policy, "x.slice/a.scope", own).processes == 0b01);
    CHECK(marks_of(policy, "x.slice", own).processes == 0);
}

TEST_CASE("services and scopes are units, slices and what lies in units are not") {
    const Policy policy{.rules = {rule("a", {"/"})}};
    CHECK(marks_of(policy, "system.slice/a.service", own).unit);
    CHECK(marks_of(policy, "user.slice/user-1.slice/session-2.scope", own).unit);
    CHECK_FALSE(marks_of(policy, "system.slice", own).unit);
    CHECK_FALSE(marks_of(policy, "system.slice/a.service/sub", own).unit);
}

TEST_CASE("without PSI a rule goes on with half its amounts and pressure alone is lost") {
    Policy policy{.rules = {rule("amounts", {"/"}), rule("pressure", {"/"})}};
    policy.rules[0].when.memory_available = AmountLimit{.share = Permyriad{1000}};
    std::vector<std::string> lost;
    const Policy left = without_pressure(policy, lost);
    REQUIRE(left.rules.size() == 1);
    CHECK(left.rules[0].name == "amounts");
    CHECK(left.rules[0].when.memory_available == AmountLimit{.share = Permyriad{500}});
    CHECK_FALSE(left.rules[0].when.pressure_full);
    CHECK(lost == std::vector<std::string>{"pressure"});
}

TEST_CASE("a trigger's tag survives its way through epoll and is no front ring") {
    for (const bool full : {false, true})
        for (const bool privileged : {false, true}) {
            const TriggerTag tag{
                .slot = 0xfffffffe, .rule = 63, .full = full, .privileged = privileged};
            const TriggerTag back = TriggerTag::unpacked(tag.packed());
            CHECK(back.slot == tag.slot);
            CHECK(back.rule == tag.rule);
            CHECK(back.full == full);
            CHECK(back.privileged == privileged);
            CHECK(tag.packed() != 0);
        }
}

TEST_CASE("a reload keeps the memory of what is still watched") {
    Table table{8};
    Policy policy{.rules = {rule("first", {"/"}), rule("second", {"/"})}};
    table.add(0, CgroupId{100}, no_slot, -1, {.watched = 0b11});
    WatchList watches;
    REQUIRE(watches.adopt(policy, table));
    add_reading(*watches.find(0, 1), at(1s), stalled(5ms));
    watches.find(0, 1)->escalation.useless_in_a_row = 1;

    policy.rules.erase(policy.rules.begin()); // "second" is number 0 now
    table.at(0).marks.watched = 0b1;
    REQUIRE(watches.adopt(policy, table));

    const Watch* const kept = watches.find(0, 0);
    REQUIRE(kept != nullptr);
    std::size_t current = 0;
    for (const Watch& watch : watches.all())
        if (watch.current) {
            ++current;
            CHECK(watch.escalation.useless_in_a_row == 1);
            CHECK_FALSE(watch.full.empty());
        }
    CHECK(current == 1);
}

TEST_CASE("a window of another length starts anew") {
    Table table{8};
    Policy policy{.rules = {rule("first", {"/"}, 1s)}};
    table.add(0, CgroupId{100}, no_slot, -1, {.watched = 0b1});
    WatchList watches;
    REQUIRE(watches.adopt(policy, table));
    add_reading(*watches.find(0, 0), at(1s), stalled(5ms));

    policy.rules[0] = rule("first", {"/"}, 2s);
    REQUIRE(watches.adopt(policy, table));
    CHECK(watches.find(0, 0)->full.empty());
}

TEST_CASE("more watches than fit are refused and the rest works") {
    Table table{max_watches + 8};
    const Policy policy{.rules = {rule("first", {"*"})}};
    for (Slot slot = 0; slot < max_watches + 1; ++slot)
        table.add(slot, CgroupId{slot + 1ULL}, slot == 0 ? no_slot : 0, -1, {.watched = 1});
    WatchList watches;
    CHECK_FALSE(watches.adopt(policy, table));
    CHECK(watches.find(0, 0) != nullptr);
    CHECK(watches.find(max_watches, 0) == nullptr);
}

TEST_CASE("of too many watches those of the last rules are left out") {
    Table table{max_watches};
    const Policy policy{.rules = {rule("first", {"*"}), rule("second", {"*"})}};
    for (Slot slot = 0; slot < max_watches; ++slot)
        table.add(slot, CgroupId{slot + 1ULL}, slot == 0 ? no_slot : 0, -1, {.watched = 0b11});
    WatchList watches;
    CHECK_FALSE(watches.adopt(policy, table));
    CHECK(watches.find(max_watches - 1, 0) != nullptr);
    CHECK(watches.find(0, 1) == nullptr);
}

TEST_CASE("a claimed cgroup is watched if it belongs to who claims it, or to a claim of root") {
    Policy policy{.rules = {rule("asked", {})}};
    policy.rules[0].claimed = {{"a.slice", 1000}, {"b.slice", 0}, {"", 0}};
    const auto watched = [&](const char* path, std::uint32_t owner) {
        return marks_of(policy, path, "own", {.owner = owner}).watched == 1;
    };
    CHECK(watched("a.slice", 1000));
    CHECK_FALSE(watched("a.slice", 0));
    CHECK_FALSE(watched("a.slice", 1001));
    CHECK_FALSE(watched("a.slice/b", 1000));
    CHECK(watched("b.slice", 1001));
    CHECK(watched("", 0));

    policy.rules[0].watch = {"a.slice"};
    const auto asked = [&](const char* path) {
        return marks_of(policy, path, "own", {.owner = 1000}).asked;
    };
    CHECK(asked("a.slice") == 0);
    policy.rules[0].watch.clear();
    CHECK(asked("a.slice") == 1);
    CHECK(asked("b.slice") == 0);
}

TEST_CASE("after a kill only new stall counts") {
    Watch watch{.full = StallWindow{1s}};
    const When when = rule("first", {"/"}).when;
    for (Microseconds t = 1s; t <= 3s; t += 100ms)
        add_reading(watch, at(t), stalled(t)); // all of it stalled
    REQUIRE(conditions_met(when, measured_by(watch, when, Row{}, {})) == Met::Yes);

    restart_calm(watch, at(3s), stalled(3s));
    CHECK(conditions_met(when, measured_by(watch, when, Row{}, {})) == Met::No);
    add_reading(watch, at(3s + 200ms), stalled(3s + 200ms)); // a fifth of a second, at once
    CHECK(conditions_met(when, measured_by(watch, when, Row{}, {})) == Met::Yes);
}

TEST_CASE("an armed watch is quiet after one calm window and not before") {
    Watch watch{.armed = true, .armed_at = at(10s)};
    watch.full = StallWindow{1s};
    const When when = rule("first", {"/"}).when;
    add_reading(watch, at(9s), stalled(0ms));
    add_reading(watch, at(10s), stalled(500ms));
    CHECK_FALSE(is_quiet(watch, when, at(10s)));
    add_reading(watch, at(10s + 500ms), stalled(500ms));
    CHECK_FALSE(is_quiet(watch, when, at(10s + 500ms)));
    add_reading(watch, at(11s + 100ms), stalled(500ms));
    CHECK(is_quiet(watch, when, at(11s + 100ms)));
}

TEST_CASE("memory is not waited for once nothing has stalled for a tenth of a second") {
    Watch watch{.full = StallWindow{1s}};
    const When when = rule("first", {"/"}).when; // 20 %
    CHECK_FALSE(is_relieved(watch, when, {}));
    for (Microseconds t = 1s; t <= 2s; t += 10ms)
        add_reading(watch, at(t), stalled(t)); // all of it stalled
    CHECK_FALSE(is_relieved(watch, when, {}));
    for (Microseconds t = 10ms; t <= 80ms; t += 10ms)
        add_reading(watch, at(2s + t), stalled(2s));
    CHECK_FALSE(is_relieved(watch, when, {}));
    add_reading(watch, at(2s + 110ms), stalled(2s));
    CHECK(is_relieved(watch, when, {}));
    add_reading(watch, at(2s + 130ms), stalled(2s + 20ms)); // and it is back
    CHECK_FALSE(is_relieved(watch, when, {}));
}

TEST_CASE("a rule that looks at amounts alone waits until they are reached") {
    When when;
    when.memory_available = AmountLimit{.share = Permyriad{1000}};
    const auto left = [&](std::uint64_t available) {
        return is_relieved({}, when, {.memory = MemInfo{.total = {100}, .available = {available}}});
    };
    CHECK_FALSE(left(9));
    CHECK(left(10));
    CHECK_FALSE(is_relieved({}, when, {})); // not known
}

TEST_CASE("a watch with the smallest limit is quiet, too, when there is no stall") {
    When when = rule("first", {"/"}).when;
    when.pressure_full->share = Permyriad{1};
    Watch watch{.armed = true, .armed_at = at(10s)};
    watch.full = StallWindow{1s};
    for (Microseconds t = 9s; t <= 12s; t += 100ms)
        add_reading(watch, at(t), stalled(0ms));
    CHECK(is_quiet(watch, when, at(12s)));
}

TEST_CASE("used swap is not waited for where there is none") {
    When when;
    when.memory_available = AmountLimit{.share = Permyriad{1000}};
    when.swap_used = AmountLimit{.side = AmountLimit::Side::Above, .share = Permyriad{9000}};
    CHECK(amounts_sleep(when, {.memory = MemInfo{.total = mib(8192), .available = mib(8000)}}) ==
          10s);
}

TEST_CASE("a rule of amounts sleeps as long as the farthest of them allows") {
    When when;
    when.memory_available = AmountLimit{.bytes = mib(100)};
    const MemInfo near{.total = mib(8192), .available = mib(101)};
    const MemInfo far{.total = mib(8192), .available = mib(100 + 6 * 1024)};
    const auto sleep = [&](const MemInfo& memory) {
        return std::chrono::round<std::chrono::milliseconds>(
            amounts_sleep(when, {.memory = memory}));
    };
    CHECK(sleep(near) == 100ms);
    CHECK(sleep(far) == 1s);
    when.swap_free = AmountLimit{.share = Permyriad{1000}};
    CHECK(sleep({.total = mib(8192),
                 .available = mib(101),
                 .swap_total = mib(10240),
                 .swap_free = mib(1024 + 2048)}) == 2s);
}

TEST_CASE("a preference counts for everything below the cgroup that it names") {
    Policy policy{.rules = {rule("a", {"/"}), rule("b", {"/"})}};
    policy.rules[0].victim.prefer = {"batch.slice", "*.scope"};
    policy.rules[1].victim.avoid = {"batch.slice/db.service"};
    CHECK(marks_of(policy, "batch.slice", own).preferred == 0b01);
    CHECK(marks_of(policy, "batch.slice/db.service/deep", own).preferred == 0b01);
    CHECK(marks_of(policy, "batch.slice/db.service/deep", own).avoided == 0b10);
    CHECK(marks_of(policy, "batch.slice2", own).preferred == 0);
    CHECK(marks_of(policy, "a.slice/b.scope", own).preferred == 0b01);
    // Below a user's manager names are the user's own.
    CHECK(marks_of(policy, "user.slice/user-1.slice/user@1.service/x.scope", own).preferred == 0);
}

TEST_CASE("with User= nobody else's cgroups are victims") {
    Policy policy{.rules = {rule("a", {"/"})}};
    policy.rules[0].victim.users = {1000, 1001};
    for (const char* const path :
         {"user.slice/user-1000.slice", "user.slice/user-1001.slice/session-1.scope",
          "user.slice/user-1000.slice/user@1000.service/app.slice", "user.slice", ""})
        CHECK(marks_of(policy, path, own).spared == 0);
    for (const char* const path : {"system.slice", "system.slice/a.service",
                                   "user.slice/user-10001.slice", "user.slice/user-0.slice"})
        CHECK(marks_of(policy, path, own).spared == 1);
}

TEST_CASE("what must last starts anew with every break") {
    Watch watch;
    const When when{.lasting = 3s};
    CHECK_FALSE(lasts(watch, when, Met::Yes, at(10s)));
    CHECK_FALSE(lasts(watch, when, Met::Yes, at(12s)));
    CHECK_FALSE(lasts(watch, when, Met::Unknown, at(12s + 500ms)));
    CHECK_FALSE(lasts(watch, when, Met::Yes, at(13s)));
    CHECK_FALSE(lasts(watch, when, Met::Yes, at(15s)));
    CHECK(lasts(watch, when, Met::Yes, at(16s)));
    CHECK_FALSE(lasts(watch, when, Met::No, at(17s)));
    CHECK(lasts(watch, When{}, Met::Yes, at(18s)));
}
