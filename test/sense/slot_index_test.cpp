// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/slot_index.hpp"

#include "catch.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace reapd;

namespace {

/// A number that has its hash with many others.
struct Clashing {
    int number = 0;
    bool operator==(const Clashing&) const = default;
};

} // namespace

template <>
struct std::hash<Clashing> {
    std::size_t operator()(const Clashing& key) const noexcept {
        return static_cast<std::size_t>(key.number % 3);
    }
};

TEST_CASE("a slot is found by its key as long as it is in the index") {
    std::map<Slot, std::string> names{{4, "a"}, {0, ""}, {7, "a/b"}};
    SlotIndex<std::string_view> index{
        [&](Slot slot) -> std::string_view { return names.at(slot); }};
    CHECK(index.find("a") == no_slot);
    for (const auto& [slot, name] : names)
        index.insert(slot);
    CHECK(index.size() == 3);
    CHECK(index.find("a") == 4);
    CHECK(index.find("") == 0);
    CHECK(index.find("a/b") == 7);
    CHECK(index.find("b") == no_slot);
    index.erase(4);
    CHECK(index.size() == 2);
    CHECK(index.find("a") == no_slot);
    CHECK(index.find("a/b") == 7);
}

TEST_CASE("keys with one hash are told apart, whichever of them goes first") {
    const auto key = [](Slot slot) { return Clashing{static_cast<int>(slot)}; };
    for (Slot gone = 0; gone < 9; ++gone) {
        SlotIndex<Clashing> index{key};
        for (Slot slot = 0; slot < 9; ++slot)
            index.insert(slot);
        index.erase(gone);
        for (Slot slot = 0; slot < 9; ++slot)
            CHECK(index.find(key(slot)) == (slot == gone ? no_slot : slot));
    }
}

TEST_CASE("slots come and go in any order, however many") {
    constexpr std::uint64_t gap = 4096;
    const auto key = [](Slot slot) { return slot * gap; };
    SlotIndex<std::uint64_t> index{key};
    std::vector<bool> there(3000);
    std::mt19937 random{20240229};
    for (int step = 0; step < 30000; ++step) {
        const auto slot = static_cast<Slot>(random() % there.size());
        if (there[slot])
            index.erase(slot);
        else
            index.insert(slot);
        there[slot] = !there[slot];
    }
    const auto is_right = [&](Slot slot) {
        return index.find(key(slot)) == (there[slot] ? slot : no_slot);
    };
    for (Slot slot = 0; slot < there.size(); ++slot)
        if (!is_right(slot))
            FAIL_CHECK("slot " << slot);
    CHECK(index.size() == static_cast<std::size_t>(std::ranges::count(there, true)));
}
