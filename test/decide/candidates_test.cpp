// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/candidates.hpp"

#include "catch.hpp"
#include "decide/forest.hpp"

#include <algorithm>
#include <array>
#include <vector>

using namespace reapd;

namespace {

struct Answer {
    std::vector<Slot> slots{};
    std::size_t spared = 0;
};

Answer ask(const Forest& forest, Slot watched, const Rule& rule, std::size_t room = 20000) {
    std::vector<Slot> out(room);
    // What was left there by the rule before must not matter.
    std::vector<std::uint8_t> scratch(forest.table.capacity(), 0xff);
    const Found found = find_candidates(forest.table, watched, rule, tested_rule, out, scratch);
    REQUIRE(found.count <= out.size());
    out.resize(found.count);
    std::ranges::sort(out);
    return {.slots = out, .spared = found.spared};
}

Answer ask(const Forest& forest, Slot watched, Among among = Among::Leaves,
           std::size_t room = 20000) {
    Rule rule;
    rule.victim.among = among;
    return ask(forest, watched, rule, room);
}

using Slots = std::vector<Slot>;

/// A small desktop: the root; reapd below system.slice; two apps and a shell of one user.
struct Desktop : Forest {
    Slot root = add(no_slot, essential);
    Slot system = add(root, essential); // an ancestor of reapd
    Slot reapd = add(system, essential);
    Slot web = add(system);
    Slot user = add(root);
    Slot app = add(user);
    Slot editor = add(app);
    Slot browser = add(app);
    Slot tab = add(browser);
    Slot other_tab = add(browser);
    Slot session = add(user, login);
};

} // namespace

TEST_CASE("leaves below the watched cgroup are candidates") {
    const Desktop desktop;
    CHECK(ask(desktop, desktop.root).slots ==
          Slots{desktop.web, desktop.editor, desktop.tab, desktop.other_tab, desktop.session});
    CHECK(ask(desktop, desktop.app).slots == Slots{desktop.editor, desktop.tab, desktop.other_tab});
    CHECK(ask(desktop, desktop.root).spared == 1); // reapd
    CHECK(ask(desktop, desktop.app).spared == 0);
}

TEST_CASE("a watched leaf is its own candidate") {
    const Desktop desktop;
    CHECK(ask(desktop, desktop.editor).slots == Slots{desktop.editor});
    CHECK(ask(desktop, desktop.editor, Among::Processes).slots == Slots{desktop.editor});
    CHECK(ask(desktop, desktop.editor, Among::Children).slots.empty());
}

TEST_CASE("children and the watched cgroup itself, when a rule asks for those") {
    const Desktop desktop;
    CHECK(ask(desktop, desktop.user, Among::Children).slots == Slots{desktop.app, desktop.session});
    CHECK(ask(desktop, desktop.app, Among::Self).slots == Slots{desktop.app});
    CHECK(ask(desktop, desktop.root, Among::Children).slots == Slots{desktop.user});
    CHECK(ask(desktop, desktop.root, Among::Children).spared == 1);
}

TEST_CASE("the root never dies") {
    const Desktop desktop;
    const Answer answer = ask(desktop, desktop.root, Among::Self);
    CHECK(answer.slots.empty());
    CHECK(answer.spared == 1);
}

TEST_CASE("a cgroup that dies as a whole stands for all below it") {
    Desktop desktop;
    desktop.table.at(desktop.browser).one_unit = true;
    CHECK(ask(desktop, desktop.user).slots ==
          Slots{desktop.editor, desktop.browser, desktop.session});

    SECTION("the highest one counts") {
        desktop.table.at(desktop.app).one_unit = true;
        CHECK(ask(desktop, desktop.user).slots == Slots{desktop.app, desktop.session});
    }
    SECTION("also the watched one") {
        CHECK(ask(desktop, desktop.browser).slots == Slots{desktop.browser});
    }
    SECTION("not one above the watched one: it is the pressure below that counts") {
        CHECK(ask(desktop, desktop.tab).slots == Slots{desktop.tab});
    }
    SECTION("not at all when something in it must live") {
        desktop.table.at(desktop.tab).marks = guarded;
        const Answer answer = ask(desktop, desktop.user);
        CHECK(answer.slots == Slots{desktop.editor, desktop.session});
        CHECK(answer.spared == 1);
    }
}

TEST_CASE("a login is one candidate whatever is below it") {
    Desktop desktop;
    desktop.add(desktop.session);
    CHECK(ask(desktop, desktop.user).slots ==
          Slots{desktop.editor, desktop.tab, desktop.other_tab, desktop.session});
}

TEST_CASE("protection covers everything below and nothing beside") {
    Desktop desktop;
    SECTION("of a rule") {
        desktop.table.at(desktop.browser).marks = guarded;
        const Answer answer = ask(desktop, desktop.user);
        CHECK(answer.slots == Slots{desktop.editor, desktop.session});
        CHECK(answer.spared == 2);
    }
    SECTION("of another rule is not ours") {
        desktop.table.at(desktop.browser).marks.spared = other_bit;
        CHECK(ask(desktop, desktop.user).slots.size() == 4);
    }
    SECTION("above the watched cgroup") {
        desktop.table.at(desktop.user).marks = guarded;
        const Answer answer = ask(desktop, desktop.app);
        CHECK(answer.slots.empty());
        CHECK(answer.spared == 3);
    }
    SECTION("of a grandchild, from the death of the child") {
        desktop.table.at(desktop.tab).marks = guarded;
        CHECK(ask(desktop, desktop.user, Among::Children).slots == Slots{desktop.session});
        CHECK(ask(desktop, desktop.user, Among::Self).slots.empty());
        CHECK(ask(desktop, desktop.user).slots ==
              Slots{desktop.editor, desktop.other_tab, desktop.session});
    }
}

TEST_CASE("an essential cgroup does not protect what lies below its ancestors") {
    const Desktop desktop;
    CHECK(ask(desktop, desktop.system).slots == Slots{desktop.web});
    CHECK(ask(desktop, desktop.system, Among::Self).slots.empty());
}

TEST_CASE("what cannot be measured is counted where its memory is") {
    Desktop desktop;
    desktop.table.at(desktop.tab).measurable = false;
    desktop.table.at(desktop.other_tab).measurable = false;

    SECTION("at the nearest measurable ancestor, once") {
        CHECK(ask(desktop, desktop.user).slots ==
              Slots{desktop.editor, desktop.browser, desktop.session});
    }
    SECTION("however far up that is") {
        desktop.table.at(desktop.browser).measurable = false;
        desktop.table.at(desktop.editor).measurable = false;
        CHECK(ask(desktop, desktop.user).slots == Slots{desktop.app, desktop.session});
    }
    SECTION("never at the watched cgroup") { CHECK(ask(desktop, desktop.browser).slots.empty()); }
    SECTION("not where the death of a protected one would be the price") {
        desktop.table.at(desktop.tab).marks = guarded;
        const Answer answer = ask(desktop, desktop.user);
        CHECK(answer.slots == Slots{desktop.editor, desktop.session});
        CHECK(answer.spared == 2);
    }
    SECTION("siblings do not die for one that is just vanishing") {
        desktop.table.at(desktop.other_tab).measurable = true;
        desktop.table.at(desktop.other_tab).usage = Usage{.current = mib(1)};
        CHECK(ask(desktop, desktop.user).slots ==
              Slots{desktop.editor, desktop.other_tab, desktop.session});
    }
    SECTION("nor do cousins") {
        desktop.table.at(desktop.other_tab).measurable = true;
        desktop.table.at(desktop.other_tab).usage = Usage{.current = mib(1)};
        desktop.table.at(desktop.editor).measurable = false;
        CHECK(ask(desktop, desktop.user).slots == Slots{desktop.other_tab, desktop.session});
    }
    SECTION("a new one that nobody has measured yet hides nothing") {
        const Slot fresh = desktop.add(desktop.browser);
        CHECK(ask(desktop, desktop.user).slots ==
              Slots{desktop.editor, desktop.browser, desktop.session, fresh});
    }
}

TEST_CASE("a cgroup with unseen children dies with all below it, since the hog may be there") {
    Desktop desktop;
    desktop.table.at(desktop.browser).unseen = true;
    CHECK(ask(desktop, desktop.user).slots ==
          Slots{desktop.editor, desktop.browser, desktop.session});

    SECTION("the highest one counts") {
        desktop.table.at(desktop.app).unseen = true;
        CHECK(ask(desktop, desktop.user).slots == Slots{desktop.app, desktop.session});
    }
    SECTION("not the watched one: its children are all that there is") {
        CHECK(ask(desktop, desktop.browser).slots == Slots{desktop.tab, desktop.other_tab});
    }
    SECTION("not when something in it must live") {
        const Marks mark = GENERATE(values<Marks>({essential, guarded}));
        desktop.table.at(desktop.tab).marks = mark;
        const Answer answer = ask(desktop, desktop.user);
        CHECK(answer.slots == Slots{desktop.editor, desktop.other_tab, desktop.session});
        CHECK(answer.spared == 1);
    }
    SECTION("not when it is protected itself") {
        desktop.table.at(desktop.app).marks = guarded;
        CHECK(ask(desktop, desktop.user).slots == Slots{desktop.session});
    }
    SECTION("nor what lies above those that must live") {
        desktop.table.at(desktop.user).unseen = true;
        desktop.table.at(desktop.session).marks = essential;
        CHECK(ask(desktop, desktop.root).slots ==
              Slots{desktop.web, desktop.editor, desktop.browser});
    }
}

TEST_CASE("what is dear to a user is no shield, but no session ends for what cannot be seen") {
    Desktop desktop;
    desktop.table.at(desktop.session).marks = dear;
    CHECK(ask(desktop, desktop.user).slots ==
          Slots{desktop.editor, desktop.tab, desktop.other_tab, desktop.session});

    SECTION("not behind children that cannot be measured") {
        for (const Slot slot : {desktop.app, desktop.editor, desktop.browser, desktop.tab,
                                desktop.other_tab, desktop.session})
            desktop.table.at(slot).measurable = false;
        CHECK(ask(desktop, desktop.root).slots == Slots{desktop.web, desktop.user});
    }
    SECTION("nor by dying together") {
        desktop.table.at(desktop.user).one_unit = true;
        CHECK(ask(desktop, desktop.root).slots == Slots{desktop.web, desktop.user});
    }
    SECTION("among children") {
        CHECK(ask(desktop, desktop.root, Among::Children).slots == Slots{desktop.user});
    }
    SECTION("nor in what cannot be seen below it") {
        desktop.table.at(desktop.browser).marks = dear;
        desktop.table.at(desktop.browser).unseen = true;
        CHECK(ask(desktop, desktop.user).slots ==
              Slots{desktop.editor, desktop.browser, desktop.session});
    }
    SECTION("a full table") {
        desktop.table.at(desktop.user).unseen = true;
        desktop.table.at(desktop.browser).unseen = true;
        CHECK(ask(desktop, desktop.root).slots ==
              Slots{desktop.web, desktop.editor, desktop.browser, desktop.session});
    }
}

TEST_CASE(
    "what is dear to a user is never frozen, and nothing that holds it, not even for a hint") {
    Desktop desktop;
    desktop.table.at(desktop.session).marks = dear;
    Rule rule;
    rule.action = GENERATE(Action::Freeze, Action::Hint);
    rule.cooling.freeze = rule.action == Action::Hint;
    const auto frozen = [&](Among among) {
        rule.victim.among = among;
        return ask(desktop, desktop.user, rule);
    };
    CHECK(frozen(Among::Leaves).slots == Slots{desktop.editor, desktop.tab, desktop.other_tab});
    CHECK(frozen(Among::Children).slots == Slots{desktop.app});
    CHECK(frozen(Among::Self).slots.empty());
    rule.action = Action::Hint;
    rule.cooling.freeze = false;
    CHECK(frozen(Among::Children).slots == Slots{desktop.app, desktop.session});
}

TEST_CASE("nothing there is not the same as all protected") {
    Forest forest;
    const Slot root = forest.add(no_slot, essential);
    const Slot slice = forest.add(root);
    const Slot guarded_leaf = forest.add(slice, guarded);
    CHECK(ask(forest, slice).slots.empty());
    CHECK(ask(forest, slice).spared == 1);

    forest.table.at(guarded_leaf).marks = {};
    forest.table.at(guarded_leaf).measurable = false;
    CHECK(ask(forest, slice).spared == 0);
}

TEST_CASE("gone cgroups are no candidates") {
    Desktop desktop;
    desktop.table.remove(desktop.tab);
    desktop.table.remove(desktop.editor);
    CHECK(ask(desktop, desktop.app).slots == Slots{desktop.other_tab});
    desktop.table.remove(desktop.other_tab);
    CHECK(ask(desktop, desktop.app).slots == Slots{desktop.browser});
    CHECK(ask(desktop, no_slot).slots.empty());
}

TEST_CASE("what does not fit is left out") {
    const Desktop desktop;
    CHECK(ask(desktop, desktop.user, Among::Leaves, 3).slots.size() == 3);
    CHECK(ask(desktop, desktop.user, Among::Leaves, 0).slots.empty());
}

TEST_CASE("slots are used again in any order") {
    Table table{8};
    const auto id = [](std::uint64_t n) { return CgroupId{n}; };
    table.add(7, id(1), no_slot, -1, essential);
    table.add(3, id(2), 7, -1, guarded);
    table.add(5, id(3), 3, -1, {});
    table.add(0, id(4), 5, -1, {});
    table.add(1, id(5), 7, -1, {});
    Rule rule;
    std::array<Slot, 8> out{};
    std::array<std::uint8_t, 8> scratch{};
    const Found found = find_candidates(table, 7, rule, tested_rule, out, scratch);
    CHECK(found == Found{.count = 1, .spared = 1});
    CHECK(out[0] == 1);
}

TEST_CASE("ten thousand cgroups in whatever shape") {
    Forest forest{10002};
    const Slot root = forest.add(no_slot, essential);
    SECTION("side by side") {
        for (int i = 0; i < 10000; ++i)
            forest.add(root);
        CHECK(ask(forest, root).slots.size() == 10000);
    }
    SECTION("below each other") {
        Slot deepest = root;
        for (int i = 0; i < 10000; ++i)
            deepest = forest.add(deepest);
        CHECK(ask(forest, root).slots == Slots{deepest});
        forest.table.at(1).marks = guarded;
        CHECK(ask(forest, root).spared == 1);
    }
    SECTION("below each other, the deepest first in the table") {
        Table table{10001};
        table.add(10000, {1}, no_slot, -1, essential);
        for (Slot slot = 10000; slot > 0; --slot)
            table.add(slot - 1, {2 + slot}, slot, -1, {});
        std::vector<Slot> out(10001);
        std::vector<std::uint8_t> scratch(10001);
        const Found found = find_candidates(table, 10000, Rule{}, tested_rule, out, scratch);
        CHECK(found.count == 1);
        CHECK(out[0] == 0);
    }
    SECTION("a long chain of the unmeasurable with a leaf at every link") {
        Slot at = forest.add(root);
        const Slot top = at;
        for (int i = 0; i < 4999; ++i) {
            at = forest.add(at);
            forest.table.at(at).measurable = false;
            forest.table.at(forest.add(at)).measurable = false;
        }
        CHECK(ask(forest, root).slots == Slots{top});
    }
}

TEST_CASE("who is to be omitted is no candidate, if one asks for it who may") {
    Desktop desktop;
    const auto omit = [&](Slot slot, std::uint32_t owner) {
        desktop.table.at(slot).marks.wish = Wish::Omit;
        desktop.table.at(slot).marks.owner = owner;
    };
    omit(desktop.editor, 1000);
    SECTION("not to spare one's own of all") {
        CHECK(ask(desktop, desktop.app).slots ==
              Slots{desktop.editor, desktop.tab, desktop.other_tab});
    }
    SECTION("among one's own") {
        desktop.table.at(desktop.app).marks.owner = 1000;
        CHECK(ask(desktop, desktop.app).slots == Slots{desktop.tab, desktop.other_tab});
        CHECK(ask(desktop, desktop.app).spared == 1);
        CHECK(ask(desktop, desktop.root).slots ==
              Slots{desktop.web, desktop.editor, desktop.tab, desktop.other_tab, desktop.session});
    }
    SECTION("root, and its service manager") {
        omit(desktop.tab, 0);
        desktop.table.at(desktop.editor).marks.wish_of_root = true;
        CHECK(ask(desktop, desktop.app).slots == Slots{desktop.other_tab});
    }
    SECTION("neither for what is below it, nor does it die with what is above it") {
        omit(desktop.browser, 0);
        CHECK(ask(desktop, desktop.app).slots ==
              Slots{desktop.editor, desktop.tab, desktop.other_tab});
        CHECK(ask(desktop, desktop.app, Among::Children).slots == Slots{desktop.editor});
        desktop.table.at(desktop.app).one_unit = true;
        CHECK(ask(desktop, desktop.user).slots == Slots{desktop.session});
    }
}
