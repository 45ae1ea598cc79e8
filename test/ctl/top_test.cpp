// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "ctl/columns.hpp"
#include "ctl/top_draw.hpp"
#include "golden.hpp"

#include <algorithm>

using namespace reapd;
using nlohmann::json;

namespace {

/// The n-th view of a machine whose pressure rises.
View view_of(int n) {
    View view{.dump = json::parse(R"({
        "version": "0.1.0", "state": "watching", "kill_count": 2, "released_bytes": 1288490188,
        "watched": [{"rule": "10-machine", "cgroup": "/"},
                    {"rule": "20-slice", "cgroup": "/system.slice"},
                    {"rule": "20-slice", "cgroup": "/user.slice/user-1000.slice"},
                    {"rule": "20-slice", "cgroup": "/user.slice/user-1001.slice"}],
        "history": [
            {"realtime_usec": 3600000000, "sentence": "Killed /system.slice/batch.service (rule 20-slice): 41.10% full pressure over 10s on /system.slice, 9.10% of 15.5G memory available; 400M expected back."},
            {"realtime_usec": 7200000000, "sentence": "Killed /system.slice/hog.service (rule 10-machine): 24.80% full pressure over 1s on /, 0.00% of 15.5G memory available; 800M expected back."}]})")};
    view.pressure = {n * 1.5, 0, 0, n * 0.75, 0, 0};
    view.dump["watched"][0]["share"] = n * 0.0075;
    view.dump["watched"][1]["share"] = 0.0;
    view.dump["watched"][2]["share"] = n * 0.015;
    view.dump["watched"][3]["share"] = nullptr;
    return view;
}

TopState example() {
    TopState state{.time_usec = 9'000'000'000};
    for (int n = 0; n <= 60; ++n)
        take_view(state, view_of(n));
    state.memory = MemInfo{.total = mib(15872),
                           .available = mib(1300),
                           .swap_total = mib(8192),
                           .swap_free = mib(5017)};
    state.rule = most_pressed_rule(state);
    state.candidates = json::parse(R"([
        {"Position": 1, "ControlGroup": "/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-1234.scope",
         "CurrentBytes": 6549825126, "SwapBytes": 1288490188, "GrowthBytes": 14260633,
         "GainedBytes": 851443712, "Stall": 0.382, "Preference": 1},
        {"Position": 2, "ControlGroup": "/user.slice/user-1000.slice/session-3.scope",
         "CurrentBytes": 2362232012, "SwapBytes": 322122547, "GrowthBytes": -104857,
         "GainedBytes": 10485760, "Stall": 0.02, "Preference": 0, "SingleProcess": true},
        {"Position": 3, "ControlGroup": "/user.slice/user-1000.slice/user@1000.service/app.slice/app-editor.scope",
         "CurrentBytes": 429496729, "SwapBytes": 0, "GainedBytes": 0, "Preference": -1}])");
    return state;
}

std::string text_of_lines(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines)
        all += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    return all;
}

} // namespace

TEST_CASE("the picture fits a small terminal and uses a large one") {
    live_in_utc();
    const TopState state = example();
    const std::string small = text_of_lines(draw(state, {.width = 80, .height = 24}));
    const std::string large = text_of_lines(draw(state, {.width = 200, .height = 50}));
    CHECK(small == golden("ctl/golden/top-80x24.txt", small));
    CHECK(large == golden("ctl/golden/top-200x50.txt", large));
}

TEST_CASE("no line is wider than the screen and there are no more than fit") {
    const TopState state = example();
    for (const bool utf8 : {true, false})
        for (std::size_t width = 1; width < 210; width += 7)
            for (std::size_t height = 1; height < 60; height += 4) {
                CAPTURE(width, height, utf8);
                const auto lines = draw(state, {.width = width, .height = height, .utf8 = utf8});
                CHECK(lines.size() <= height);
                for (const std::string& line : lines)
                    CHECK(width_of(line) == width);
            }
}

TEST_CASE("without UTF-8 the picture is ASCII") {
    for (const std::string& line : draw(example(), {.width = 60, .height = 24, .utf8 = false}))
        CHECK(std::ranges::all_of(line, [](char byte) { return byte >= ' ' && byte <= '~'; }));
}

TEST_CASE("the rule of the most pressed cgroup has its candidates shown") {
    TopState state = example();
    CHECK(state.rule == "20-slice");
    state.watched[2].past.back() = 0;
    CHECK(most_pressed_rule(state) == "10-machine");
    CHECK(most_pressed_rule({}).empty());
}

TEST_CASE("a watched cgroup keeps its past, one that went and came begins anew") {
    TopState state = example();
    CHECK(state.watched[0].past.size() == 61);
    View view = view_of(0);
    view.dump["watched"].erase(0);
    take_view(state, view);
    take_view(state, view_of(0));
    CHECK(state.watched[0].past.size() == 1);
    CHECK(state.watched[1].past.size() == 63);
    for (int n = 0; n < 1000; ++n)
        take_view(state, view_of(1));
    CHECK(state.watched[1].past.size() == past_kept);
}

TEST_CASE("a daemon that is gone is said so over what it said last") {
    TopState state = example();
    state.failure = "reapd does not answer.";
    const auto lines = draw(state, {});
    CHECK(lines[0].starts_with("reapd does not answer."));
    CHECK(lines[1].starts_with("mem "));
    CHECK(lines.size() > 10);
    CHECK(draw({.failure = "reapd does not run."}, {}).size() == 2); // it said nothing yet
}

TEST_CASE("an answer that is not what it should be is shown as far as it goes") {
    for (const char* text : {"null", "[]", R"([1, null, {}])", R"({"a": 1})",
                             R"([{"ControlGroup": "\u001b[2J", "sentence": "\u001b[2J"}])"}) {
        CAPTURE(text);
        TopState state;
        take_view(state,
                  {.dump = {{"watched", json::parse(text)}, {"history", json::parse(text)}}});
        state.candidates = json::parse(text);
        for (const std::string& line : draw(state, {}))
            CHECK(line.find('\x1b') == std::string::npos);
        CHECK(top_json(state).is_object());
    }
}

TEST_CASE("for programs the numbers are exact") {
    const json state = top_json(example());
    CHECK(state["memory_available"] == 1300U << 20);
    CHECK(state["watched"][3]["share"].is_null());
    CHECK(state["candidates"][0]["CurrentBytes"] == 6549825126);
    CHECK(top_json({})["memory_total"].is_null());
}
