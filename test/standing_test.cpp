// SPDX-License-Identifier: LGPL-2.1-or-later

/// Why a cgroup is or is not a candidate.

#include "standing.hpp"

#include "catch.hpp"

using namespace reapd;

namespace {

/// A rule that watches `a.slice` (1) and has chosen `big` (2) before `next` (3). `small` (4) was
/// found but not ranked; `nest` (5) has `deep` (6); nothing is known of `rest` (7).
struct Scene {
    Scene() {
        add(0, no_slot);
        add(1, 0);
        for (const Slot slot : {2U, 3U, 4U, 5U, 7U})
            add(slot, 1);
        add(6, 5);
        choice.ranked = {{.slot = 2}, {.slot = 3}};
        choice.found = {2, 3, 4};
    }

    void add(Slot slot, Slot parent) { table.add(slot, CgroupId{slot + 1}, parent, -1, {}); }

    Place at(Slot slot, std::string_view path = "a.slice/x", Bytes promise = mib(500),
             Immunity refusal = Immunity::None) const {
        return place_of({table, rule, 0, 1, choice}, {.slot = slot,
                                                      .path = path,
                                                      .refusal = refusal,
                                                      .measures = Measures{.promise = promise}});
    }

    Table table{16, Directories::Lent};
    Rule rule{.name = "r", .victim = {.minimum_size = mib(50)}};
    Choice choice{};
};

} // namespace

TEST_CASE("who is in the ranking is told the place in it") {
    const Scene scene;
    CHECK(scene.at(2) == Place{.standing = Standing::Candidate, .position = 1});
    CHECK(scene.at(3) == Place{.standing = Standing::Candidate, .position = 2});
}

TEST_CASE("who was passed over as exempt is told so, however small") {
    Scene scene;
    scene.choice.exempt = {4};
    CHECK(scene.at(4, "a.slice/small", mib(1)).standing == Standing::Exempt);
}

TEST_CASE("too small is who was found and has less than MinimumSize=, to the byte") {
    const Scene scene;
    CHECK(scene.at(4, "a.slice/small", mib(50) - Bytes{1}).standing == Standing::TooSmall);
    CHECK(scene.at(4, "a.slice/small", mib(50)).standing == Standing::NotRanked);
    // Shared memory counts as well.
    const Place place = place_of({scene.table, scene.rule, 0, 1, scene.choice},
                                 {.slot = 4, .measures = Measures{.shared = mib(60)}});
    CHECK(place.standing == Standing::NotRanked);
    // Of whom nothing could be measured nobody knows that it is small.
    CHECK(place_of({scene.table, scene.rule, 0, 1, scene.choice}, {.slot = 4}).standing ==
          Standing::NotRanked);
}

TEST_CASE("what no rule may have is told before what this one may not") {
    Scene scene;
    scene.rule.victim.protect = {"a.slice/*"};
    scene.table.at(7).marks = {.spared = 1, .never = true};
    CHECK(scene.at(7, "a.slice/rest", {}, Immunity::Essential).standing == Standing::Essential);
    CHECK(scene.at(7, "a.slice/rest").standing == Standing::Protected);
    scene.rule.victim.protect.clear();
    CHECK(scene.at(7, "a.slice/rest").standing == Standing::OtherUser);
}

TEST_CASE("Protect= means a cgroup and all below it") {
    Scene scene;
    scene.rule.victim.protect = {"a.slice/nest"};
    CHECK(scene.at(5, "a.slice/nest").standing == Standing::Protected);
    CHECK(scene.at(6, "a.slice/nest/deep").standing == Standing::Protected);
    CHECK(scene.at(7, "a.slice/nestling").standing == Standing::NotRanked);
}

TEST_CASE("inside a cgroup that dies as a whole one dies only with it") {
    Scene scene;
    scene.choice.found.push_back(5);
    CHECK(scene.at(6) == Place{.standing = Standing::Inside, .instead = 5});
}

TEST_CASE("what is spared spares what is in it, for that rule") {
    Scene scene;
    scene.table.at(5).marks.spared = 1;
    CHECK(scene.at(6).standing == Standing::OtherUser);
    scene.table.at(5).marks.spared = 2; // another rule
    CHECK(scene.at(6).standing == Standing::NotRanked);
}

TEST_CASE("above the watched cgroup nothing counts any more") {
    Scene scene;
    scene.table.at(0).marks.spared = 1;
    scene.choice.found.push_back(0);
    CHECK(scene.at(7).standing == Standing::NotRanked);
}

TEST_CASE("the wish to be omitted counts if it is root's or the owner's of what is watched") {
    Scene scene;
    scene.table.at(7).marks = {.wish = Wish::Omit, .owner = 1000};
    CHECK(scene.at(7).standing == Standing::NotRanked);
    scene.table.at(1).marks.owner = 1000;
    CHECK(scene.at(7).standing == Standing::Omitted);
    scene.table.at(7).marks = {.wish = Wish::Omit, .wish_of_root = true, .owner = 1001};
    CHECK(scene.at(7).standing == Standing::Omitted);
    scene.table.at(7).marks = {.wish = Wish::Avoid};
    CHECK(scene.at(7).standing == Standing::NotRanked);
}

TEST_CASE("what has children is no candidate among leaves, but they are") {
    const Scene scene;
    CHECK(scene.at(5).standing == Standing::HasChildren);
}

TEST_CASE("who is meant as a whole is none when something in it must live") {
    Scene scene;
    scene.table.at(6).marks.never = true;
    CHECK(scene.at(5).standing == Standing::HasChildren); // among leaves it is not meant
    scene.table.at(5).one_unit = true;
    CHECK(scene.at(5).standing == Standing::HoldsProtected);
    scene.table.at(5).one_unit = false;
    scene.rule.victim.among = Among::Children;
    CHECK(scene.at(5).standing == Standing::HoldsProtected);
    scene.rule.victim.among = Among::Self;
    CHECK(scene.at(1).standing == Standing::HoldsProtected);
    CHECK(scene.at(5).standing == Standing::NotAmong);
}

TEST_CASE("Among= means the children of the watched cgroup, or it alone") {
    Scene scene;
    scene.rule.victim.among = Among::Children;
    CHECK(scene.at(6).standing == Standing::NotAmong);
    scene.rule.victim.among = Among::Self;
    CHECK(scene.at(7).standing == Standing::NotAmong);
}
