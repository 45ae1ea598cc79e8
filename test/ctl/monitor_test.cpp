// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/monitor.hpp"

#include "catch.hpp"
#include "ctl/columns.hpp"

#include <cstdlib>
#include <ctime>

using namespace reapd;
using nlohmann::json;

namespace {

std::string line(const char* member, const json& arguments,
                 const char* interface = "org.reapd1.Manager") {
    REQUIRE(::setenv("TZ", "UTC", 1) == 0);
    ::tzset();
    return signal_line({{"time_usec", 1'000'000U},
                        {"path", "/org/reapd1"},
                        {"interface", interface},
                        {"member", member},
                        {"arguments", arguments}},
                       {});
}

} // namespace

TEST_CASE("each signal is one line with its sentence") {
    CHECK(line("Acted", {1, "kill", "/a", "10-machine", {{"Sentence", "Killed /a."}}}) ==
          "Thu 1970-01-01 00:00:01  Acted             Killed /a.\n");
    CHECK(line("Completed", {1, {{"Sentence", "/a gave back 3M."}}}) ==
          "Thu 1970-01-01 00:00:01  Completed         /a gave back 3M.\n");
    CHECK(line("PressureChanged", {"10-machine", "/a", true, 0.25}) ==
          "Thu 1970-01-01 00:00:01  PressureChanged   /a is above the limit of 10-machine: "
          "25.00%\n");
    CHECK(line("PropertiesChanged", {"x", {{"KillCount", 3}, {"State", "acting"}}, json::array()},
               "org.freedesktop.DBus.Properties") ==
          "Thu 1970-01-01 00:00:01  /org/reapd1       KillCount=3 State=acting\n");
    CHECK(line("NameOwnerChanged", {"org.reapd1", ":1.1", ""}, "org.freedesktop.DBus") ==
          "Thu 1970-01-01 00:00:01  NameOwnerChanged  reapd is gone\n");
}

TEST_CASE("a change of a rule has its name, and a long one is cut to the terminal") {
    json signal{{"time_usec", 1'000'000U},
                {"path", "/org/reapd1/rule/_310_2dmachine"},
                {"interface", "org.freedesktop.DBus.Properties"},
                {"member", "PropertiesChanged"},
                {"arguments", {"x", {{"Above", true}}, json::array()}}};
    CHECK(signal_line(signal, {}).ends_with("  rule 10-machine   Above=true\n"));
    signal["arguments"][1]["Essential"] = std::string(200, 'a');
    const Look narrow{.screen = ScreenSize{.width = 60, .height = 24}};
    CHECK(width_of(signal_line(signal, narrow)) == 61);
    CHECK(signal_line(signal, narrow).ends_with("…\n"));
    CHECK(width_of(signal_line(signal, {})) > 200);
}

TEST_CASE("a signal that is not what it should be is a line, and none takes over the terminal") {
    for (const char* member : {"Acted", "Completed", "Stuck", "PressureChanged",
                               "PropertiesChanged", "NameOwnerChanged", "Unheard"})
        for (const char* arguments : {"[]", "null", "[1, 2, 3, 4, 5]", R"([{"a": "b"}, [], "x"])",
                                      R"(["\u001b[2J", "\u001b", {"Sentence": "\u001b"}])"}) {
            CAPTURE(member, arguments);
            const std::string text = line(member, json::parse(arguments));
            CHECK(text.ends_with('\n'));
            CHECK(text.find('\x1b') == std::string::npos);
        }
}
