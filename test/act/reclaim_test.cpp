// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/reclaim.hpp"

#include "base/files.hpp"
#include "catch.hpp"
#include "sense/fake_files.hpp"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

/// What freeing of what was paged out writes, of a cgroup of 100000000 bytes.
std::string asked_for(std::string_view stat, Bytes budget,
                      const std::vector<std::pair<std::string, std::string>>& more = {}) {
    std::vector<std::pair<std::string, std::string>> all{{"memory.reclaim", ""},
                                                         {"memory.current", "100000000\n"},
                                                         {"memory.stat", std::string{stat}}};
    all.insert(all.end(), more.begin(), more.end());
    const FakeFiles files{all};
    const Fd dir = files.open();
    const auto walk = std::make_unique<Walk>();
    std::array<char, 256> text{};
    free_paged_out(dir, {.budget = budget}, StopSign{nobody_stops, TimePoint::max()}, text, *walk);
    return std::string{read_at(dir, "memory.reclaim", text).value_or("none")};
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
    CHECK(asked_for("anon 1\nswapcached 12288\nzswap 0\n", mib(1)) == "12288");
    CHECK(asked_for("anon 1\nswapcached 99999999\n", mib(1)) == "1048576");
    CHECK(asked_for("anon 1\nswapcached 0\n", mib(1)).empty());
    CHECK(asked_for("anon 1\n", mib(1)).empty()); // Linux before 5.12.
}

TEST_CASE("what a hint sent to a disk is reclaimed only beyond what is promised") {
    const std::string_view stat = "anon 1\nswapcached 3000000\n";
    CHECK(asked_for(stat, mib(4), {{"memory.low", "90000000\n"}}) == "3000000");
    CHECK(asked_for(stat, mib(4), {{"memory.low", "99000000\n"}}) == "1000000");
    CHECK(asked_for(stat, mib(4), {{"memory.low", "max\n"}}).empty());
    CHECK(asked_for(stat, mib(4),
                    {{"a/memory.current", "98000000\n"}, {"a/memory.low", "max\n"}}) == "2000000");
}

TEST_CASE("what a cgroup and those right below it are promised is not within reach") {
    const auto within_reach = [](const std::vector<std::pair<std::string, std::string>>& more) {
        std::vector<std::pair<std::string, std::string>> all{{"memory.current", "1000\n"}};
        all.insert(all.end(), more.begin(), more.end());
        const FakeFiles files{all};
        const auto walk = std::make_unique<Walk>();
        return read_within_reach(files.open(), *walk).value;
    };
    CHECK(within_reach({}) == 1000);
    CHECK(within_reach({{"memory.min", "100\n"}, {"memory.low", "300\n"}}) == 700);
    CHECK(within_reach({{"memory.low", "max\n"}}) == 0);
    CHECK(within_reach({{"a/memory.current", "200\n"},
                        {"a/memory.min", "150\n"},
                        {"b/memory.current", "200\n"},
                        {"b/memory.low", "max\n"},
                        {"c/memory.current", "200\n"}}) == 650);
    // By the kernel's rule the inner one has a share of what the outer one has, and that is
    // nothing.
    CHECK(within_reach({{"a/memory.current", "200\n"},
                        {"a/a/memory.current", "200\n"},
                        {"a/a/memory.low", "200\n"}}) == 1000);
    CHECK(within_reach({{"memory.low", "500\n"},
                        {"a/memory.current", "400\n"},
                        {"a/memory.low", "400\n"}}) == 500);
}

TEST_CASE("who is told to stop reclaims nothing more") {
    const FakeFiles files{{{"memory.reclaim", ""}}};
    const std::atomic<bool> stopped{true};
    const Outcome outcome = reclaim_from(files, {.budget = mib(1)}, stopped);
    CHECK(outcome.result == CoolingResult{.stopped = true});
    CHECK(outcome.last_request.empty());
}
