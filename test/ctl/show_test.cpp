// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/show.hpp"

#include "catch.hpp"
#include "sense/features.hpp"
#include "tell/dump.hpp"

#include <cstdlib>
#include <ctime>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

/// All that reapd would miss.
constexpr Features everything{.unified = true,
                              .memory_controller = true,
                              .psi = true,
                              .cgroup_psi = true,
                              .privileged_triggers = true,
                              .meminfo = true,
                              .cgroup_kill = true,
                              .mrelease = true,
                              .can_signal = true,
                              .can_override = true,
                              .can_nice = true,
                              .can_tell_users = true,
                              .can_lock = true};

Status example() {
    Policy policy{.generation = 1};
    policy.rules = {{.name = "10-machine",
                     .watch = {"/"},
                     .when = {.pressure_full = PressureLimit{{2000}, 1s},
                              .memory_available = AmountLimit{.share = Permyriad{1000}}}}};
    Status status{.features = feature_names(everything), .kills = 1, .released_bytes = 3 << 20};
    status.cgroups = 70;
    status.policy = std::make_shared<const Policy>(policy);
    status.watched = {{.rule = "10-machine", .cgroup = "/", .triggered = true, .privileged = true}};
    status.history = {{.id = 1, .realtime_usec = 1'000'000, .sentence = "Killed something."}};
    return status;
}

View view_of(const Status& status) {
    View view{.dump = nlohmann::json::parse(dump_json(status), nullptr, false)};
    view.pressure = {1, 2, 3, 4, 5, 6.25};
    return view;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("the status fits on one screen and says what matters") {
    REQUIRE(::setenv("TZ", "UTC", 1) == 0);
    ::tzset();
    View view = view_of(example());
    view.dump["watched"][0]["share"] = 0.1234;
    CHECK(show_status(view, {}) == R"(● reapd 0.1.0: idle (no pressure, it sleeps)
  Pressure: full 4.00% 5.00% 6.25%, some 1.00% 2.00% 3.00% (10s 1min 5min)
     Kills: 1, 3M released
   Cgroups: 70 followed
     Rules: 10-machine: full 20% 1s, available <10%

  RULE        PRESSURE  TRIGGER     CGROUP
  10-machine  12.34%    own window  /

Last actions
  Thu 1970-01-01 00:00:01  Killed something.
)");
}

TEST_CASE("what is wrong is in the status") {
    Status status = example();
    status.state = "degraded";
    status.features.erase(status.features.begin());
    status.builtin_rules = true;
    status.dropped_events = 2;
    status.cgroups_left_out = 9;
    status.rivals = {"earlyoom.service", "oomd.service"};
    status.diagnostics = {{.file = "/etc/reapd/rules.d/a.rule", .line = 3, .text = "No such key."}};
    status.history.clear();
    const std::string text = show_status(view_of(status), {});
    CHECK(has(text, "reapd 0.1.0: degraded"));
    CHECK(has(text, "  Missing: unified; see"));
    CHECK(has(text, "these are built in"));
    CHECK(has(text, "2 events of the guard, 9 cgroups that do not fit"));
    CHECK(has(text, " Beside it: earlyoom.service oomd.service kill too\n"));
    CHECK(has(text, "  /etc/reapd/rules.d/a.rule:3: error: No such key.\n"));
    CHECK(has(text, "Nothing was killed since reapd started;"));
}

TEST_CASE("rules and watched cgroups are tables") {
    Status status = example();
    status.watched.push_back({.rule = "10-machine", .cgroup = "/a.slice", .triggered = true});
    status.watched.push_back({.rule = "10-machine", .cgroup = "/b", .trigger_error = "No space"});
    const View view = view_of(status);
    CHECK(show_rules(view, {}) == "RULE        WHEN                         AMONG   DO    WATCH\n"
                                  "10-machine  full 20% 1s, available <10%  leaves  kill  /\n"
                                  "\n1 rule listed.\n");
    CHECK(show_watched(view, {.legend = false}) == "10-machine  -  own window      /\n"
                                                   "10-machine  -  2s steps        /a.slice\n"
                                                   "10-machine  -  none: No space  /b\n");
}

TEST_CASE("only the last actions are shown") {
    Status status = example();
    for (int i = 0; i < 20; ++i)
        status.history.push_back({.sentence = "Kill no. " + std::to_string(i) + "."});
    const std::string text = show_status(view_of(status), {});
    CHECK(has(text, "Kill no. 19."));
    CHECK_FALSE(has(text, "Kill no. 14."));
}

TEST_CASE("an answer that is not what it should be is shown as far as it goes") {
    for (const char* dump : {"{}", "[]", "null", "3", R"({"rules": 1, "watched": "x"})",
                             R"({"rules": [1, null], "watched": [[]], "history": [2]})",
                             R"({"history": {"a": 1}, "diagnostics": [3], "kill_count": -1})",
                             R"({"features": [1, {}], "state": 7, "released_bytes": "x"})"}) {
        CAPTURE(dump);
        const View view{.dump = nlohmann::json::parse(dump)};
        CHECK_FALSE(show_status(view, {}).empty());
        CHECK_FALSE(show_rules(view, {}).empty());
        CHECK_FALSE(show_watched(view, {}).empty());
    }
}

TEST_CASE("a daemon that forgot to escape does not take over the terminal") {
    const View view{.dump = {{"state", "\x1b[2J"}, {"rivals", {"\n\n"}}}};
    const std::string text = show_status(view, {});
    CHECK_FALSE(has(text, "\x1b"));
    CHECK(has(text, R"(\x0a\x0a)"));
}
