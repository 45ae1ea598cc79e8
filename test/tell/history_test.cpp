// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/history.hpp"

#include "catch.hpp"

#include <algorithm>

using namespace reapd;

namespace {

HistoryEntry entry_of(const char* kind, std::uint64_t id) { return {.kind = kind, .id = id}; }

std::ptrdiff_t count(const History& history, const char* kind) {
    return std::ranges::count(history, kind, &HistoryEntry::kind);
}

} // namespace

TEST_CASE("history forgets the oldest") {
    History history;
    for (std::uint64_t id = 1; id <= 10; ++id)
        remember(history, entry_of("acted", id), 8);
    REQUIRE(history.size() == 8);
    CHECK(history.front().id == 3);
    CHECK(history.back().id == 10);
}

TEST_CASE("what led to nothing pushes no kill out of the history") {
    History history;
    for (std::uint64_t id = 1; id <= 6; ++id)
        remember(history, entry_of("acted", id), 8);
    for (std::uint64_t id = 1; id <= 100; ++id)
        remember(history, entry_of(id % 2 != 0 ? "stuck" : "relieved", id), 8);
    CHECK(count(history, "acted") == 6);
    REQUIRE(history.size() == 8);
    CHECK(history.back().id == 100);
    CHECK(history[6].id == 99);
}

TEST_CASE("a smaller history keeps to its new size") {
    History history;
    for (std::uint64_t id = 1; id <= 8; ++id)
        remember(history, entry_of(id <= 2 ? "stuck" : "acted", id), 8);
    remember(history, entry_of("acted", 9), 3);
    REQUIRE(history.size() == 3);
    CHECK(count(history, "stuck") == 0);
    CHECK(history.front().id == 7);
    remember(history, entry_of("acted", 10), 0);
    CHECK(history.empty());
}
