// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/explain.hpp"

#include "catch.hpp"

using namespace reapd;
using nlohmann::json;

TEST_CASE("the candidates of a rule are a table, the first dies first") {
    const json rows = json::parse(R"([
        {"Watched": "/", "ControlGroup": "/system.slice/hog.service", "Position": 1,
         "CurrentBytes": 943718400, "SwapBytes": 104857600, "ExpectedBytes": 838860800,
         "GrowthBytes": 52428800, "GainedBytes": 524288000, "Stall": 0.35, "RefaultRate": 120,
         "Preference": 1, "SingleProcess": false},
        {"Watched": "/", "ControlGroup": "/user.slice/session-1.scope", "Position": 2,
         "CurrentBytes": 1048576, "SwapBytes": 0, "ExpectedBytes": 1048576, "GainedBytes": 0,
         "Preference": 0, "SingleProcess": true}])");
    CHECK(show_candidates("10-machine", rows, {}) == R"(
If rule 10-machine had to act on / now, the first would die:
#  EXPECTED  SIZE  SWAP  GROWTH/S  GAINED  STALL   REFAULTS/S  CGROUP
1  800M      900M  100M  +50M      500M    35.00%  120         /system.slice/hog.service (preferred)
2  1M        1M    0B    -         0B      -       -           /user.slice/session-1.scope (one process of it)
)" + 1);
    CHECK(show_candidates("a", json::array(), {}) ==
          "Rule a would find nothing to kill now.\n"
          "\"reapctl explain CGROUP\" says why one is not a candidate.\n");
    CHECK(show_candidates("a", json::array(), {.legend = false}) ==
          "Rule a would find nothing to kill now.\n");
}

TEST_CASE("an explanation has what each rule says and what would have to change") {
    const json answer = json::parse(R"({
        "ControlGroup": "/system.slice/db.service",
        "Sentence": "/system.slice/db.service is a candidate of 1 of 2 rules that watch it.",
        "Refusal": "", "CurrentBytes": 1048576, "SwapBytes": 0, "ExpectedBytes": 524288,
        "Rules": [
            {"Rule": "10-machine", "Watched": "/", "Share": 0.125, "Above": false,
             "Candidate": true, "Position": 2, "Candidates": 9, "Reason": "candidate",
             "GainedBytes": 0,
             "Sentence": "Rule 10-machine: /system.slice/db.service is number 2 of 9, behind /a: 512K would come back."},
            {"Rule": "20-slice", "Watched": "/system.slice", "Above": true, "Candidate": false,
             "Position": 0, "Candidates": 3, "Reason": "protected", "GainedBytes": 0,
             "Sentence": "Protect= names it."}]})");
    CHECK(show_explanation(answer, {}) == R"(
/system.slice/db.service is a candidate of 1 of 2 rules that watch it.
  It has 1M and 0B in swap; its death would give 512K back.

RULE        WATCHED        STALL   ABOVE  PLACE   GROWTH/S  GAINED
10-machine  /              12.50%  no     2 of 9  -         0B
20-slice    /system.slice  -       yes    -       -         0B

10-machine: is number 2 of 9, behind /a: 512K would come back.
20-slice: Protect= names it.

To keep it: Avoid= or Protect= in the rule, or ManagedOOMPreference=avoid or omit in its unit.
To have it chosen: take it out of Protect= in the rule.
)" + 1);
    CHECK(show_explanation(answer, {.screen = ScreenSize{.width = 64, .height = 24}}) == R"(
/system.slice/db.service is a candidate of 1 of 2 rules that
watch it.
  It has 1M and 0B in swap; its death would give 512K back.

RULE        WATCHED        STALL   ABOVE  PLACE   GROWTH/S  GAINED
10-machine  /              12.50%  no     2 of 9  -         0B
20-slice    /system.slice  -       yes    -       -         0B

10-machine: is number 2 of 9, behind /a: 512K would come back.
20-slice: Protect= names it.

To keep it: Avoid= or Protect= in the rule, or
ManagedOOMPreference=avoid or omit in its unit.
To have it chosen: take it out of Protect= in the rule.
)" + 1);
}

TEST_CASE("what no rule may kill says so once, and no rule contradicts it") {
    json answer{{"ControlGroup", "/init.scope"},
                {"Sentence", "It is essential."},
                {"Refusal", "essential"},
                {"Rules", json::array()}};
    CHECK(show_explanation(answer, {}) ==
          "It is essential.\n\nNo rule watches it or a cgroup above it.\n\n"
          "To have it chosen: take it out of Essential= in reapd.conf.\n");
    answer["Rules"] = {{{"Rule", "a"},
                        {"Watched", "/"},
                        {"Reason", "not-among"},
                        {"Sentence", "Rule a: / is no candidate; the rule means others."}}};
    const std::string text = show_explanation(answer, {});
    CHECK(text.find("\na     /") != std::string::npos);
    CHECK(text.find("no candidate") == std::string::npos);
}

TEST_CASE("an answer that is not what it should be is shown as far as it goes") {
    for (const char* text :
         {"null", "[]", "{}", R"({"Rules": [1, {"Reason": 3}]})",
          R"([{"Position": "x", "Preference": "y", "ControlGroup": "\u001b"}])"}) {
        CAPTURE(text);
        const json answer = json::parse(text);
        CHECK_FALSE(show_explanation(answer, {}).empty());
        CHECK(show_candidates("a", answer, {}).find('\x1b') == std::string::npos);
    }
}
