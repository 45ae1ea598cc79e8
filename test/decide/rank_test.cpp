// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/rank.hpp"

#include "catch.hpp"
#include "decide/forest.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint at(Microseconds since_boot) { return TimePoint{since_boot}; }
constexpr Bytes ram = mib(8192);

Rule ordered(std::vector<Order> order) {
    Rule rule;
    rule.victim.order = std::move(order);
    return rule;
}

std::vector<std::uint64_t> ids_ranked(const Rule& rule, std::vector<Candidate> candidates,
                                      Bytes machine = ram) {
    candidates.resize(rank(rule, machine, candidates));
    std::vector<std::uint64_t> ids;
    ids.reserve(candidates.size());
    for (const Candidate& candidate : candidates)
        ids.push_back(candidate.id.value);
    return ids;
}

using Ids = std::vector<std::uint64_t>;

constexpr std::int64_t mib_per_second = 1 << 20;

} // namespace

TEST_CASE("page cache counts for rules that cool, and not for a kill") {
    Rule rule = ordered({Order::Size});
    rule.victim.minimum_size = mib(50);
    const std::vector<Candidate> all{
        {.slot = 1, .id = {1}, .current = mib(2048), .promise = mib(40)},
        {.slot = 2, .id = {2}, .current = mib(49), .swap = mib(400), .promise = mib(440)}};
    CHECK(ids_ranked(rule, all) == Ids{2});
    for (const Action action : {Action::Hint, Action::Reclaim}) {
        rule.action = action;
        CHECK(ids_ranked(rule, all) == Ids{1});
    }
}

TEST_CASE("a kill promises anonymous memory and swap, not page cache") {
    Closeup close{.details = {.anon = mib(100)}};
    Row row{.id = {7}, .usage = Usage{.current = mib(900), .swap = mib(50)}, .close = &close};
    const Candidate candidate = candidate_of(row, 5, tested_rule);
    CHECK(candidate.slot == 5);
    CHECK(candidate.id == CgroupId{7});
    CHECK(candidate.current == mib(900));
    CHECK(candidate.swap == mib(50));
    CHECK(candidate.promise == mib(150));
    CHECK_FALSE(candidate.processes);

    SECTION("at most everything while nothing more is known") {
        close.details.anon.reset();
        CHECK(candidate_of(row, 5, tested_rule).promise == mib(950));
    }
    SECTION("nor while it was not looked at closely") {
        row.close = nullptr;
        CHECK(candidate_of(row, 5, tested_rule).promise == mib(950));
    }
    SECTION("nothing when nothing is known") {
        row.usage.reset();
        CHECK(candidate_of(row, 5, tested_rule).promise == Bytes{});
    }
}

TEST_CASE("one process dies where the rule says so") {
    Row row{.id = {7}, .marks = login};
    CHECK(candidate_of(row, 0, tested_rule).processes);
    row.marks.processes = other_bit;
    CHECK_FALSE(candidate_of(row, 0, tested_rule).processes);

    Rule rule;
    rule.victim.among = Among::Processes;
    std::array candidates{Candidate{.id = {1}, .promise = mib(100)}};
    REQUIRE(rank(rule, ram, candidates) == 1);
    CHECK(candidates[0].processes);
}

TEST_CASE("growth is that of the promise, per second") {
    Closeup close{.details = {.anon = mib(106)},
                  .earlier = Usage{.taken = at(10s), .current = mib(500)},
                  .earlier_details = {.anon = mib(100)}};
    Row row{.id = {7},
            .usage = Usage{.taken = at(10s + 50ms), .current = mib(900), .swap = mib(4)},
            .close = &close};
    const auto growth = [&] { return candidate_of(row, 0, tested_rule).growth; };
    CHECK(growth() == 200 * mib_per_second);

    SECTION("also when it shrinks") {
        close.details.anon = mib(86);
        row.usage->swap = {};
        CHECK(growth() == -280 * mib_per_second);
    }
    SECTION("a burst of a few pages is none") {
        close.details.anon = mib(102);
        row.usage->swap = {};
        CHECK(growth() == 0);
        row.usage->taken = at(10s + 500ms);
        CHECK(growth() == 4 * mib_per_second);
    }
    SECTION("moving to swap is none") {
        close.details.anon = mib(60);
        row.usage->swap = mib(40);
        CHECK(growth() == 0);
    }
    SECTION("none for a cgroup first seen") {
        close.earlier.reset();
        CHECK_FALSE(growth());
    }
    SECTION("none without both numbers: page cache grows faster than anything") {
        close.earlier_details = {};
        CHECK_FALSE(growth());
    }
    SECTION("none between samples too close to each other") {
        row.usage->taken = at(10s + 20ms);
        CHECK(growth());
        row.usage->taken = at(10s + 20ms - 1us);
        CHECK_FALSE(growth());
        row.usage->taken = at(9s);
        CHECK_FALSE(growth());
    }
    SECTION("of a terabyte in a moment too") {
        close.details.anon = mib(16 << 20);
        row.usage->taken = at(10s + 20ms);
        CHECK(growth().value_or(0) > 0);
    }
}

TEST_CASE("what was gained in the last minute counts as size again where growth counts") {
    const Candidate idle{.id = {1}, .promise = mib(170), .growth = 0};
    Candidate culprit{.id = {2}, .promise = mib(140), .gained = mib(31)};
    const Rule rule = ordered({Order::Growth, Order::Size});
    CHECK(ids_ranked(rule, {idle, culprit}) == Ids{2, 1});
    CHECK(ids_ranked(ordered({Order::Size}), {idle, culprit}) == Ids{1, 2});
    culprit.gained = mib(30);
    CHECK(ids_ranked(rule, {idle, culprit}) == Ids{1, 2});

    SECTION("but not before who grows now") {
        culprit.gained = mib(140);
        const Candidate grower{.id = {3}, .promise = mib(60), .growth = 100 * mib_per_second};
        CHECK(ids_ranked(rule, {idle, culprit, grower}) == Ids{3, 2, 1});
    }
}

TEST_CASE("a cgroup's past tells what it gained, and growth is still that of the last second") {
    Closeup close{.past = Past::of_birth(at(100s))};
    Row row{.id = {7}, .close = &close};
    const auto look = [&](TimePoint now, std::uint64_t anon, std::uint64_t shared = 0) {
        renew(row, {.taken = now});
        close.details = {.anon = mib(anon), .shared = mib(shared)};
        close.past.add(now, mib(anon + shared));
        return candidate_of(row, 0, tested_rule);
    };
    CHECK(look(at(120s), 90).gained == mib(90)); // the first time that it is measured
    CHECK(look(at(121s), 100, 20).gained == mib(120));
    CHECK(look(at(140s), 100, 20).gained == mib(120));
    CHECK(look(at(141s), 100, 20).growth == 0);
    CHECK(look(at(150s), 100, 30).gained == mib(130));
    CHECK(look(at(170s), 100, 40).gained == mib(20)); // since 140 s
    CHECK(look(at(300s), 200).gained == Bytes{});     // too long after
    CHECK(look(at(310s), 150).gained == Bytes{});
    CHECK(look(at(330s), 250).gained == mib(50));

    SECTION("nothing of one that was there before") {
        close = {};
        row = {.id = {7}, .close = &close};
        CHECK(look(at(400s), 500).gained == Bytes{});
        CHECK(look(at(401s), 510).gained == mib(10));
    }
}

TEST_CASE("the one that a user cannot do without does not die for a burst") {
    const Candidate large{.id = {1}, .promise = mib(900), .growth = 0, .owner = 1000};
    Candidate compositor{.id = {2},
                         .promise = mib(400),
                         .growth = 300 * mib_per_second,
                         .own_wish = Wish::Omit,
                         .owner = 2000,
                         .dear = true};
    const Rule rule = ordered({Order::Growth, Order::Size});
    CHECK(ids_ranked(rule, {large, compositor}) == Ids{1, 2});
    compositor.gained = mib(501);
    CHECK(ids_ranked(rule, {large, compositor}) == Ids{2, 1});
}

TEST_CASE("the fast grower dies before the large and stable one") {
    const Candidate large{.id = {1}, .promise = mib(4096), .growth = 0};
    const Candidate grower{.id = {2}, .promise = mib(200), .growth = 500 * mib_per_second};
    CHECK(ids_ranked(ordered({Order::Growth, Order::Size}), {large, grower}) == Ids{2, 1});
    CHECK(ids_ranked(ordered({Order::Size}), {large, grower}) == Ids{1, 2});
}

TEST_CASE("growth below 1 % of the machine a second is noise, and 32 MiB are none") {
    const Bytes machine = GENERATE(mib(1024), mib(8192), mib(512 << 10));
    const auto threshold =
        static_cast<std::int64_t>(std::min(part_of(machine, {100}), mib(32)).value);
    const Candidate large{.id = {1}, .promise = mib(4096), .growth = std::nullopt};
    Candidate grower{.id = {2}, .promise = mib(200), .growth = threshold - 1};
    const Rule rule = ordered({Order::Growth, Order::Size});
    CHECK(ids_ranked(rule, {large, grower}, machine) == Ids{1, 2});
    grower.growth = threshold;
    CHECK(ids_ranked(rule, {large, grower}, machine) == Ids{2, 1});

    SECTION("and shrinking counts like standing still") {
        grower.growth = -threshold;
        CHECK(ids_ranked(rule, {large, grower}, machine) == Ids{1, 2});
    }
}

TEST_CASE("a pile of page cache with a small promise is nobody's victim") {
    const Candidate cache{.id = {1}, .current = mib(6000), .promise = mib(49)};
    const Candidate hog{.id = {2}, .current = mib(60), .promise = mib(50)};
    CHECK(ids_ranked(ordered({Order::Growth, Order::Size}), {cache, hog}) == Ids{2});
    CHECK(ids_ranked(ordered({Order::Size}), {cache}).empty());
    CHECK(ids_ranked(ordered({Order::Size}), {}).empty());
}

TEST_CASE("swap counts by itself when a rule asks for it") {
    const Candidate swapped{.id = {1}, .swap = mib(300), .promise = mib(310)};
    const Candidate large{.id = {2}, .swap = mib(10), .promise = mib(900)};
    CHECK(ids_ranked(ordered({Order::Swap, Order::Size}), {large, swapped}) == Ids{1, 2});
}

TEST_CASE("equal candidates die in the order of their ids, however they come") {
    std::vector<Candidate> candidates;
    candidates.reserve(6);
    for (std::uint64_t id = 1; id <= 6; ++id)
        candidates.push_back({.id = {id}, .promise = mib(100), .growth = 0});
    std::array<std::size_t, 6> order{};
    std::iota(order.begin(), order.end(), 0);
    do {
        std::vector<Candidate> shuffled;
        shuffled.reserve(order.size());
        for (const std::size_t i : order)
            shuffled.push_back(candidates[i]);
        REQUIRE(ids_ranked(ordered({Order::Growth, Order::Size}), shuffled) ==
                Ids{1, 2, 3, 4, 5, 6});
        REQUIRE(ids_ranked(ordered({}), shuffled) == Ids{1, 2, 3, 4, 5, 6});
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("only the largest are looked at closely") {
    Forest forest{10001};
    const Slot root = forest.add(no_slot, essential);
    std::vector<Slot> slots;
    slots.reserve(10000);
    for (std::uint64_t i = 0; i < 10000; ++i) {
        const Slot slot = forest.add(root);
        slots.push_back(slot);
        // 7919 and 10000 have no common divisor: every size once, in no order.
        forest.table.at(slot).usage = Usage{.current = {i * 7919 % 10000}, .swap = {10000}};
    }
    forest.table.at(slots[5]).usage.reset();
    const Rule rule;
    REQUIRE(largest(slots, forest.table, rule, tested_rule, 64) == 64);
    for (std::size_t i = 0; i < 64; ++i) {
        const Usage usage = forest.table.at(slots[i]).usage.value_or(Usage{});
        CHECK(usage.current >= Bytes{10000 - 64});
    }
    CHECK(largest(std::span{slots}.first(3), forest.table, rule, tested_rule, 64) == 3);
    CHECK(largest({}, forest.table, rule, tested_rule, 64) == 0);
    CHECK(largest(slots, forest.table, rule, tested_rule, 0) == 0);
}

TEST_CASE("ten thousand candidates have one order") {
    std::vector<Candidate> candidates;
    candidates.reserve(10000);
    for (std::uint64_t i = 0; i < 10000; ++i)
        candidates.push_back({.id = {i}, .promise = mib(i * 7919 % 10000)});
    const Ids ranked = ids_ranked(ordered({Order::Size}), candidates);
    REQUIRE(ranked.size() == 10000 - 50);
    CHECK(ranked.front() * 7919 % 10000 == 9999);
    CHECK(ranked.back() * 7919 % 10000 == 50);
    std::ranges::reverse(candidates);
    CHECK(ids_ranked(ordered({Order::Size}), candidates) == ranked);
}

TEST_CASE("preferred ones die first and avoided ones last, whatever their numbers") {
    Rule rule = ordered({Order::Growth, Order::Size});
    const std::vector<Candidate> candidates{
        {.id = {1}, .promise = mib(900), .growth = 500 * mib_per_second},
        {.id = {2}, .promise = mib(4000), .growth = 900 * mib_per_second, .preference = -1},
        {.id = {3}, .promise = mib(60), .preference = 1},
        {.id = {4}, .promise = mib(100)},
        {.id = {5}, .promise = mib(49), .preference = 1}, // below MinimumSize=
        {.id = {6}, .promise = mib(70), .preference = 1},
    };
    CHECK(ids_ranked(rule, candidates) == Ids{6, 3, 1, 4, 2});
}

TEST_CASE("a row is preferred, avoided or, with both, neither") {
    Row row{.id = {7}};
    const auto preference = [&] { return candidate_of(row, 0, tested_rule).preference; };
    CHECK(preference() == 0);
    row.marks.preferred = tested_bit;
    CHECK(preference() == 1);
    row.marks.avoided = tested_bit;
    CHECK(preference() == 0);
    row.marks.preferred = other_bit;
    CHECK(preference() == -1);
}

TEST_CASE("a wish of root or of the watched cgroup's owner counts, any other among one's own") {
    Row row{.id = {7}, .marks = {.wish = Wish::Avoid, .owner = 1000}};
    const auto candidate = [&](std::uint32_t watched_owner) {
        return candidate_of(row, 0, tested_rule, Marks{.owner = watched_owner});
    };
    CHECK(candidate(0).preference == 0);
    CHECK(candidate(0).own_wish == Wish::Avoid);
    CHECK(candidate(1001).preference == 0);
    CHECK(candidate(1000).preference == -1);
    CHECK(candidate(1000).own_wish == Wish::None);

    row.marks.wish_of_root = true;
    CHECK(candidate(0).preference == -1);
    row.marks = {.wish = Wish::Avoid, .owner = 0};
    CHECK(candidate(1000).preference == -1);
    row.marks.preferred = tested_bit;
    CHECK(candidate(1000).preference == 0);
}

TEST_CASE("who spares one of his own gives another of his own for it, and nobody else's") {
    const auto of = [](std::uint64_t id, std::uint32_t owner, std::uint64_t size,
                       Wish wish = Wish::None) {
        return Candidate{.id = {id}, .promise = mib(size), .own_wish = wish, .owner = owner};
    };
    const Rule by_size = ordered({Order::Size});
    CHECK(ids_ranked(by_size, {of(1, 1000, 900, Wish::Omit), of(2, 0, 800), of(3, 1000, 500),
                               of(4, 1001, 850)}) == Ids{3, 4, 2, 1});
    // Nothing of his own is left to give: it is next, not the others.
    CHECK(ids_ranked(by_size, {of(1, 1000, 900, Wish::Omit), of(2, 0, 800),
                               of(3, 1000, 800, Wish::Omit)}) == Ids{1, 2, 3});
    CHECK(ids_ranked(by_size, {of(1, 1000, 900, Wish::Omit), of(2, 1000, 800, Wish::Avoid)}) ==
          Ids{2, 1});
}

TEST_CASE("something small or idle does not die for an owner's hog") {
    const Candidate hog{.id = {1},
                        .promise = mib(900),
                        .growth = 300 * mib_per_second,
                        .own_wish = Wish::Omit,
                        .owner = 1000};
    const auto ranked_beside = [&](std::uint64_t size, std::int64_t growth) {
        return ids_ranked(
            ordered({Order::Growth, Order::Size}),
            {hog, {.id = {2}, .promise = mib(size), .growth = growth, .owner = 1000}});
    };
    CHECK(ranked_beside(500, 200 * mib_per_second) == Ids{2, 1});
    CHECK(ranked_beside(2000, 0) == Ids{1, 2});
    CHECK(ranked_beside(400, 200 * mib_per_second) == Ids{1, 2});
}

TEST_CASE("a preferred one is measured beside any number of larger ones") {
    Forest forest{64};
    const Slot root = forest.add(no_slot);
    std::vector<Slot> slots;
    for (std::uint64_t i = 0; i < 20; ++i) {
        slots.push_back(forest.add(root));
        forest.table.at(slots.back()).usage = Usage{.current = mib(100 + i)};
    }
    forest.table.at(slots[0]).marks.preferred = tested_bit;
    forest.table.at(slots[1]).marks.preferred = tested_bit;
    forest.table.at(slots[1]).usage = Usage{.current = mib(49)}; // below MinimumSize=
    const Slot small = slots[0];
    const Slot too_small = slots[1];
    std::vector<Slot> order = slots;
    REQUIRE(largest(order, forest.table, Rule{}, tested_rule, 4) == 4);
    CHECK(std::ranges::find(order, small) < order.begin() + 4);
    CHECK(std::ranges::find(order, too_small) >= order.begin() + 4);
}

TEST_CASE("shared memory counts as growth and as size enough, but nobody promises it back") {
    Closeup close{.details = {.anon = mib(10), .shared = mib(210)},
                  .earlier = Usage{.taken = at(10s), .current = mib(20)},
                  .earlier_details = {.anon = mib(10), .shared = mib(10)}};
    const Row row{
        .id = {7}, .usage = Usage{.taken = at(11s), .current = mib(220)}, .close = &close};
    const Candidate filler = candidate_of(row, 0, tested_rule);
    CHECK(filler.growth == 200 * mib_per_second);
    CHECK(filler.promise == mib(10));
    CHECK(ids_ranked(ordered({Order::Growth, Order::Size}),
                     {{.id = {1}, .promise = mib(100)}, filler}) == Ids{7, 1});
}

TEST_CASE("scans, refaults and stall are those between two samples") {
    Closeup close{.details = {.scanned = 1100, .refaults = 50, .stalled = 1s + 500ms},
                  .earlier = Usage{.taken = at(10s)},
                  .earlier_details = {.scanned = 100, .refaults = 50, .stalled = 1s}};
    const Row row{.id = {7}, .usage = Usage{.taken = at(12s)}, .close = &close};
    const auto candidate = [&] { return candidate_of(row, 0, tested_rule); };
    CHECK(candidate().scan_rate == 500);
    CHECK(candidate().refault_rate == 0);
    CHECK(candidate().stall == Permyriad{2500});
    close.details.stalled = 9s; // the kernel's clock and ours differ
    CHECK(candidate().stall == Permyriad{10000});
    close.details.stalled_in = 3; // its own PSI was switched off meanwhile
    CHECK_FALSE(candidate().stall);
    close.details.scanned = 99; // another cgroup's counter cannot be, but a reset can
    CHECK_FALSE(candidate().scan_rate);
    close.earlier_details.refaults.reset();
    CHECK_FALSE(candidate().refault_rate);
    close.earlier.reset();
    CHECK_FALSE(candidate().stall);
}

TEST_CASE("every word of Order= puts who has most of it first") {
    const std::vector<Candidate> candidates{
        {.id = {1}, .promise = mib(100), .scan_rate = 5, .stall = Permyriad{100}},
        {.id = {2}, .promise = mib(100), .scan_rate = 9, .refault_rate = 7},
        {.id = {3}, .promise = mib(100), .stall = Permyriad{200}},
    };
    CHECK(ids_ranked(ordered({Order::Pressure}), candidates) == Ids{3, 1, 2});
    CHECK(ids_ranked(ordered({Order::Reclaim}), candidates) == Ids{2, 1, 3});
    CHECK(ids_ranked(ordered({Order::Refaults}), candidates) == Ids{2, 1, 3});
    CHECK(ids_ranked(ordered({Order::Oldest}), candidates) == Ids{1, 2, 3});
    CHECK(ids_ranked(ordered({Order::Newest}), candidates) == Ids{3, 2, 1});
}

TEST_CASE("a rule about swap ranks nobody who has too little there") {
    Rule rule = ordered({Order::Swap, Order::Size});
    rule.victim.minimum_swap = mib(1);
    CHECK(ids_ranked(rule, {{.id = {1}, .promise = mib(900)},
                            {.id = {2}, .swap = mib(1), .promise = mib(100)},
                            {.id = {3}, .swap = mib(2), .promise = mib(60)}}) == Ids{3, 2});
}
