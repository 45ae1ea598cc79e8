// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "ctl/show.hpp"
#include "golden.hpp"

#include <algorithm>

using namespace reapd;
using nlohmann::json;

namespace {

/// What a daemon in a guest answered: two users, three rules of which one looks at amounts only, a
/// misspelt key, three kills.
View recorded() {
    return {.dump = json::parse(test_file("data/status/busy.json")),
            .pressure = {1.85, 0.77, 0.18, 0.65, 0.27, 0.06}};
}

std::string at(const View& view, ScreenSize size) { return show_status(view, {.screen = size}); }

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::stringstream stream{text};
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the status fits a small screen and uses a large one") {
    live_in_utc();
    const std::string small = at(recorded(), {.width = 80, .height = 24});
    const std::string large = at(recorded(), {.width = 200, .height = 50});
    CHECK(small == golden("ctl/golden/status-80x24.txt", small));
    CHECK(large == golden("ctl/golden/status-200x50.txt", large));
}

TEST_CASE("no line of the status is wider than the screen, and the shell keeps one") {
    View view = recorded();
    for (int n = 0; n < 100; ++n) {
        view.dump["watched"].push_back(
            {{"rule", "20-slice"},
             {"cgroup", "/user.slice/user-" + std::to_string(n) + ".slice/with-a-long.slice"},
             {"triggered", true},
             {"share", n * 0.005}});
        view.dump["rules"].push_back(view.dump["rules"][0]);
        view.dump["diagnostics"].push_back(view.dump["diagnostics"][0]);
    }
    view.dump["dry_run"] = true;
    view.dump["builtin_rules"] = true;
    view.dump["features"] = json::array();
    view.dump["rivals"] = {"earlyoom.service", "nohang.service", "systemd-oomd.service"};
    view.pressure = {100, 100, 100, 100, 100, 100};
    for (std::size_t width = 60; width < 220; width += 7)
        for (std::size_t height = 36; height < 80; height += 5) {
            CAPTURE(width, height);
            const auto lines = lines_of(at(view, {.width = width, .height = height}));
            CHECK(lines.size() < height);
            CHECK(std::ranges::all_of(
                lines, [&](const std::string& line) { return width_of(line) <= width; }));
        }
}

TEST_CASE("of many watched cgroups a screen shows those under most pressure") {
    View view = recorded();
    for (int n = 0; n < 50; ++n)
        view.dump["watched"].push_back({{"rule", "20-slice"},
                                        {"cgroup", "/calm" + std::to_string(n)},
                                        {"triggered", true},
                                        {"share", 0.0}});
    view.dump["watched"].push_back(
        {{"rule", "20-slice"}, {"cgroup", "/pressed"}, {"triggered", true}, {"share", 0.5}});
    const std::string small = at(view, {.width = 80, .height = 24});
    CHECK(has(small, "  /pressed\n"));
    CHECK_FALSE(has(small, "/calm49\n"));
    CHECK(has(small, " more under less pressure; see \"reapctl watched\"\n"));
    CHECK(has(show_status(view, {}), "  /calm49\n")); // a file takes everything
}

TEST_CASE("the last action is told whole, however small the screen is") {
    const View view = recorded();
    const std::string last = view.dump["history"].back()["sentence"];
    std::string words;
    for (const std::string& line : lines_of(at(view, {.width = 60, .height = 10})))
        words += line.substr(std::min(line.find_first_not_of(' '), line.size())) + " ";
    CHECK(has(words, last));
}

TEST_CASE("without UTF-8 the status is ASCII") {
    for (const std::size_t width : {40U, 80U, 200U})
        for (const char byte : show_status(
                 recorded(), {.utf8 = false, .screen = ScreenSize{.width = width, .height = 24}}))
            CHECK((byte == '\n' || (byte >= ' ' && byte <= '~')));
}
