// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/at_limit.hpp"

#include "catch.hpp"
#include "decide/forest.hpp"

#include <algorithm>
#include <vector>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

using Slots = std::vector<Slot>;

constexpr TimePoint since{100s};
constexpr LimitHits calm{.count = 7, .read = since + 2s, .before = since, .grew_after = since - 1s};
constexpr LimitHits hit{.count = 8, .read = since + 2s, .before = since, .grew_after = since};
constexpr LimitHits unknown{.read = since + 2s};

/// A slice of two services, one of them with two parts, all of it at rest.
struct Slice : Forest {
    Slot root = put(no_slot, unknown); // It has no such files.
    Slot above = put(root, calm);
    Slot slice = put(above, calm);
    Slot big = put(slice, calm);
    Slot nest = put(slice, calm);
    Slot part = put(nest, calm);
    Slot other_part = put(nest, calm);

    Slot put(Slot parent, const LimitHits& hits) {
        const Slot slot = add(parent);
        set(slot, hits);
        return slot;
    }

    void set(Slot slot, const LimitHits& hits) {
        closeup(slot).own_limit = hits;
        closeup(slot).limits_within = hits;
    }

    /// What the kernel counts when the limit of `slot` is hit.
    void hit_limit_of(Slot slot) {
        closeup(slot).own_limit = hit;
        for (Slot at = slot; at != root; at = table.at(at).parent)
            closeup(at).limits_within = hit;
    }

    Slots all() const { return {big, part, other_part}; }

    Slots kept(Slots candidates) const {
        candidates.resize(keep_at_limit(table, slice, since, candidates));
        std::ranges::sort(candidates);
        return candidates;
    }
};

} // namespace

TEST_CASE("nobody's limit: the machine is short, and all count") {
    const Slice tree;
    CHECK(tree.kept(tree.all()) == tree.all());
}

TEST_CASE("the limit of the watched cgroup or of one above it: all count") {
    Slice tree;
    tree.hit_limit_of(tree.part);
    SECTION("its own") { tree.hit_limit_of(tree.slice); }
    SECTION("above") { tree.hit_limit_of(tree.above); }
    SECTION("its own is unknown") { tree.closeup(tree.slice).own_limit = unknown; }
    SECTION("that above is unknown") { tree.closeup(tree.above).own_limit = unknown; }
    CHECK(tree.kept(tree.all()) == tree.all());
}

TEST_CASE("a candidate at its own limit has nobody else killed") {
    Slice tree;
    tree.hit_limit_of(tree.part);
    CHECK(tree.kept(tree.all()) == Slots{tree.part});
    tree.hit_limit_of(tree.big);
    CHECK(tree.kept(tree.all()) == Slots{tree.big, tree.part});
}

TEST_CASE("a limit between candidate and watched cgroup is that of all below it") {
    Slice tree;
    tree.hit_limit_of(tree.nest);
    CHECK(tree.kept(tree.all()) == Slots{tree.part, tree.other_part});
}

TEST_CASE("a limit inside a candidate is part of it") {
    Slice tree;
    tree.hit_limit_of(tree.part);
    CHECK(tree.kept({tree.big, tree.nest}) == Slots{tree.nest});
}

TEST_CASE("a watched cgroup that is its own candidate stays") {
    Slice tree;
    tree.hit_limit_of(tree.slice);
    CHECK(tree.kept({tree.slice}) == Slots{tree.slice});
    tree.closeup(tree.slice).own_limit = calm;
    CHECK(tree.kept({tree.slice}) == Slots{tree.slice});
}

TEST_CASE("the limit of one that may not die has nobody killed") {
    Slice tree;
    tree.hit_limit_of(tree.part);
    CHECK(tree.kept({tree.big, tree.other_part}).empty());
    CHECK(tree.kept({}).empty());
}

TEST_CASE("what is unknown protects nobody") {
    Slice tree;
    SECTION("not itself") {
        tree.hit_limit_of(tree.part);
        tree.set(tree.big, unknown);
        CHECK(tree.kept(tree.all()) == Slots{tree.big, tree.part});
    }
    SECTION("nor others") {
        tree.set(tree.big, unknown);
        CHECK(tree.kept(tree.all()) == tree.all());
    }
    SECTION("nor what is below it") {
        tree.hit_limit_of(tree.big);
        tree.closeup(tree.nest).own_limit = unknown;
        CHECK(tree.kept(tree.all()) == tree.all());
    }
    SECTION("one reading tells nothing yet") {
        tree.hit_limit_of(tree.part);
        tree.set(tree.big, {.count = 7, .read = since});
        CHECK(tree.kept(tree.all()) == Slots{tree.big, tree.part});
        tree.set(tree.big, {.count = 7, .read = since, .before = since - 1s});
        CHECK(tree.kept(tree.all()) == Slots{tree.big, tree.part});
    }
    SECTION("nor does what was hit long ago") {
        LimitHits old = hit;
        old.grew_after = since - 1us;
        tree.set(tree.part, old);
        CHECK(tree.kept(tree.all()) == tree.all());
    }
}

TEST_CASE("what hides in the depth stays") {
    Slice tree;
    tree.hit_limit_of(tree.part);
    Slot at = tree.big;
    for (std::size_t level = 0; level < most_levels; ++level)
        at = tree.put(at, calm);
    CHECK(tree.kept({at, tree.part}) == Slots{tree.part});
    at = tree.put(at, calm);
    CHECK(tree.kept({at, tree.part}) == Slots{tree.part, at});
}

TEST_CASE("a watch that is gone keeps all") {
    const Slice tree;
    Slots slots = tree.all();
    CHECK(keep_at_limit(tree.table, no_slot, since, slots) == slots.size());
}
