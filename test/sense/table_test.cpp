// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/table.hpp"

#include "base/fd.hpp"
#include "catch.hpp"

#include <fcntl.h>

#include <utility>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

int open_something() { return ::open("/", O_PATH | O_CLOEXEC); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

void add(Table& table, Slot slot, Slot parent) {
    table.add(slot, CgroupId{slot + 1}, parent, -1, Marks{});
}

} // namespace

TEST_CASE("a parent knows how many children it has") {
    Table table{4};
    add(table, 0, no_slot);
    add(table, 2, 0);
    add(table, 1, 0);
    CHECK(table.at(0).children == 2);
    CHECK(table.rows().size() == 3);
    table.remove(2);
    CHECK(table.at(0).children == 1);
    table.remove(1);
    table.remove(0);
    CHECK(table.rows().empty());
}

TEST_CASE("removing what is not there changes nothing") {
    Table table{4};
    add(table, 0, no_slot);
    add(table, 2, 0);
    table.remove(1);
    table.remove(3);
    table.remove(no_slot);
    CHECK(table.at(0).children == 1);
    CHECK(table.rows().size() == 3);
}

TEST_CASE("a slot that is used again starts afresh") {
    Table table{4};
    add(table, 0, no_slot);
    add(table, 1, 0);
    table.at(1).usage = Usage{.current = mib(5)};
    table.at(1).measurable = false;
    table.remove(1);
    table.add(1, CgroupId{77}, 0, -1, Marks{.watched = 1});
    CHECK(table.at(1).id == CgroupId{77});
    CHECK(table.at(1).marks == Marks{.watched = 1});
    CHECK_FALSE(table.at(1).usage);
    CHECK(table.at(1).measurable);
    CHECK(table.at(0).children == 1);
}

TEST_CASE("the table closes the directories it was given") {
    const int removed = open_something();
    const int replaced = open_something();
    const int left = open_something();
    {
        Table table{4};
        table.add(0, CgroupId{1}, no_slot, removed, Marks{});
        table.add(1, CgroupId{2}, no_slot, replaced, Marks{});
        table.add(2, CgroupId{3}, no_slot, left, Marks{});
        table.remove(0);
        add(table, 1, no_slot);
        CHECK_FALSE(is_open(removed));
        CHECK_FALSE(is_open(replaced));
        Table moved{std::move(table)};
        Table other{1};
        other = std::move(moved);
        CHECK(is_open(left));
        CHECK(other.at(2).id == CgroupId{3});
    }
    CHECK_FALSE(is_open(left));
}

TEST_CASE("slots that were never used own no directory") {
    const Fd zero{is_open(0) ? -1 : open_something()}; // the lowest number that is free
    {
        Table table{8};
        add(table, 7, no_slot);
        table.look_closely(7, TimePoint{1h});
    }
    CHECK(is_open(0));
}

TEST_CASE("within means the cgroup itself or anything below it") {
    Table table{8};
    add(table, 0, no_slot);
    add(table, 5, 0);
    add(table, 1, 5);
    add(table, 3, 0);
    CHECK(table.within(1, 1));
    CHECK(table.within(1, 5));
    CHECK(table.within(1, 0));
    CHECK_FALSE(table.within(1, 3));
    CHECK_FALSE(table.within(5, 1));
    CHECK_FALSE(table.within(2, 0)); // free
    CHECK_FALSE(table.within(no_slot, no_slot));
    CHECK_FALSE(table.within(7, 7));
}

TEST_CASE("a ring of parents ends") {
    Table table{4};
    add(table, 0, no_slot);
    add(table, 1, 0);
    add(table, 2, 1);
    table.at(1).parent = 2;
    CHECK_FALSE(table.within(2, 0));
}

TEST_CASE("growth is measured between readings that are apart") {
    Closeup close;
    Row row{.close = &close};
    const auto read = [&](Microseconds at) { renew(row, {.taken = TimePoint{at}}); };
    const auto earlier = [&] { return close.earlier->taken.time_since_epoch(); };

    read(10s);
    CHECK_FALSE(close.earlier);
    read(10s + 50ms); // the first decision after waking has nothing better
    CHECK(earlier() == 10s);
    read(11s);
    CHECK(earlier() == 10s + 50ms);
    read(11s + 50ms); // the reading at the decision does not replace the older one
    CHECK(earlier() == 10s + 50ms);
    read(60s); // another spell of pressure
    read(60s + 50ms);
    CHECK(earlier() == 60s);
}

TEST_CASE("a closeup stays with its cgroup, however many others are looked at meanwhile") {
    constexpr Slot many = 3 * Closeups::ready;
    Table table{many};
    for (Slot slot = 0; slot < many; ++slot)
        add(table, slot, no_slot);
    for (Slot slot = 0; slot < many; ++slot)
        table.look_closely(slot, TimePoint{1h}).own_limit.count = slot;
    const auto is_its_own = [&](Slot slot) {
        return closeup_of(table.at(slot)).own_limit.count == slot;
    };
    CHECK(is_its_own(0));
    CHECK(is_its_own(Closeups::ready));
    CHECK(is_its_own(many - 1));
}

TEST_CASE("who was not looked at in a while gives its place to others, and is unknown then") {
    constexpr Slot many = 2 * Closeups::ready;
    Table table{many};
    for (Slot slot = 0; slot < many; ++slot)
        add(table, slot, no_slot);
    TimePoint now{1h};
    for (Slot slot = 0; slot < Closeups::ready; ++slot)
        table.look_closely(slot, now).own_limit.count = 7;
    const int file = open_something();
    table.look_closely(0, now).files.current = file;
    now += 61s;
    table.look_closely(1, now);
    for (Slot slot = Closeups::ready; slot < many - 1; ++slot)
        CHECK_FALSE(table.look_closely(slot, now).own_limit.count);
    CHECK(table.at(0).close == nullptr);
    CHECK_FALSE(is_open(file));
    CHECK(closeup_of(table.at(1)).own_limit.count == 7);
    CHECK_FALSE(table.look_closely(0, now).own_limit.count);
}

TEST_CASE("where all places are taken the first that is given up is somebody else's again") {
    constexpr std::size_t many = 2 * Closeups::ready;
    Closeups closeups{many};
    TimePoint now{1h};
    const auto take = [&]() -> Closeup& {
        Closeup& place = closeups.place(many, now);
        place.of = 7;
        place.wanted_at = now;
        return place;
    };
    for (std::size_t i = 0; i < Closeups::ready; ++i)
        take();
    now += 30s;
    take();
    REQUIRE(closeups.all().size() == Closeups::ready + 1);
    closeups.give_up(closeups.all()[5]);
    CHECK(&take() == &closeups.all()[5]);
    take();
    CHECK(closeups.all().size() == Closeups::ready + 2);
    now += 31s; // The first are outdated.
    take();
    CHECK(closeups.all().size() == Closeups::ready + 2);
}

TEST_CASE("a cgroup that is gone leaves its closeup, and its files are closed") {
    Table table{2};
    for (int i = 0; i < 9; ++i) {
        add(table, 0, no_slot);
        add(table, 1, 0);
        table.at(1).born = TimePoint{2s};
        const int file = open_something();
        Closeup& close = table.look_closely(1, TimePoint{3s});
        CHECK(close.past == Past::of_birth(TimePoint{2s}));
        CHECK_FALSE(close.files.wanted);
        close.files = {.wanted = true, .stat = file};
        CHECK(table.room_for_files() + 1 == most_holding);
        table.remove(1);
        CHECK_FALSE(is_open(file));
        CHECK(table.room_for_files() == most_holding);
        table.remove(0);
    }
}
