// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/reclaim.hpp"

#include "base/files.hpp"
#include "catch.hpp"
#include "sense/fake_files.hpp"

#include <array>

using namespace reapd;

namespace {

const std::atomic<bool> nobody_stops{false};

struct Outcome {
    CoolingResult result{};
    std::string last_request{};
};

Outcome reclaim_from(const FakeFiles& files, const CoolingOrder& order,
                     const std::atomic<bool>& stopped = nobody_stops) {
    const Fd dir = files.open();
    Outcome outcome{.result = reclaim(dir, order, StopSign{stopped, TimePoint::max()})};
    std::array<char, 256> text{};
    if (const auto read = read_at(dir, "memory.reclaim", text))
        outcome.last_request = *read;
    return outcome;
}

} // namespace

TEST_CASE("a budget is reclaimed in steps, the last of which is what is left") {
    const FakeFiles files{{{"memory.reclaim", ""}, {"memory.current", "1000\n"}}};
    const Outcome outcome = reclaim_from(files, {.budget = mib(40)});
    CHECK(outcome.result == CoolingResult{.moved = mib(40)});
    CHECK(outcome.last_request.starts_with("8388608"));
    CHECK(outcome.last_request.find("swappiness") == std::string::npos);
}

TEST_CASE("swappiness is asked for only where a rule has it") {
    const FakeFiles files{{{"memory.reclaim", ""}}};
    CHECK(reclaim_from(files, {.swappiness = 200, .budget = mib(1)}).last_request ==
          "1048576 swappiness=200");
}

TEST_CASE("a cgroup that is gone and a kernel without the file are no surprise") {
    const FakeFiles files{{}};
    CHECK(reclaim_from(files, {.budget = mib(1)}).result ==
          CoolingResult{.gone = 1, .exhausted = true});
}

TEST_CASE("what a hint sent to a disk is reclaimed as far as it is there and the budget goes") {
    const auto asked_for = [](std::string_view stat, Bytes budget) {
        const FakeFiles files{{{"memory.reclaim", ""}, {"memory.stat", std::string{stat}}}};
        const Fd dir = files.open();
        std::array<char, 256> text{};
        free_paged_out(dir, {.budget = budget}, StopSign{nobody_stops, TimePoint::max()}, text);
        return std::string{read_at(dir, "memory.reclaim", text).value_or("none")};
    };
    CHECK(asked_for("anon 1\nswapcached 12288\nzswap 0\n", mib(1)) == "12288");
    CHECK(asked_for("anon 1\nswapcached 99999999\n", mib(1)) == "1048576");
    CHECK(asked_for("anon 1\nswapcached 0\n", mib(1)).empty());
    CHECK(asked_for("anon 1\n", mib(1)).empty()); // Linux before 5.12.
}

TEST_CASE("who is told to stop reclaims nothing more") {
    const FakeFiles files{{{"memory.reclaim", ""}}};
    const std::atomic<bool> stopped{true};
    const Outcome outcome = reclaim_from(files, {.budget = mib(1)}, stopped);
    CHECK(outcome.result == CoolingResult{.stopped = true});
    CHECK(outcome.last_request.empty());
}
