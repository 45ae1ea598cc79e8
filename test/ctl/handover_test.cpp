// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/handover.hpp"

#include "catch.hpp"

#include <algorithm>

using namespace reapd;

namespace {

using Make = Step::Make;
using Steps = std::vector<Step>;
using States = std::vector<FoundUnit>;

States states(const char* const (&names)[2], const char* file, const char* active) {
    return {{.name = names[0], .file = file, .active = active},
            {.name = names[1], .file = file, .active = active}};
}

const char* const theirs[2] = {"systemd-oomd.socket", "systemd-oomd.service"};
const char* const ours[2] = {"reapd-oom.socket", "reapd.service"};

const States absent = states(theirs, "", "");

std::size_t index_of(const Steps& steps, const Step& step) {
    const auto found = std::ranges::find(steps, step);
    REQUIRE(found != steps.end());
    return static_cast<std::size_t>(found - steps.begin());
}

} // namespace

TEST_CASE("to adopt, theirs are masked and stopped before ours are enabled and started") {
    CHECK(
        steps_to_adopt(states(theirs, "enabled", "active"), states(ours, "disabled", "inactive")) ==
        Steps{{Make::Masked, "systemd-oomd.socket"},
              {Make::Masked, "systemd-oomd.service"},
              {Make::Stopped, "systemd-oomd.socket"},
              {Make::Stopped, "systemd-oomd.service"},
              {Make::Enabled, "reapd-oom.socket"},
              {Make::Enabled, "reapd.service"},
              {Make::Stopped, "reapd-oom.socket"},
              {Make::Stopped, "reapd.service"},
              {Make::Started, "reapd-oom.socket"},
              {Make::Started, "reapd.service"}});
}

TEST_CASE("without systemd-oomd there is nothing to stop, and nothing is masked") {
    const Steps steps = steps_to_adopt(absent, states(ours, "disabled", "inactive"));
    for (const Step& step : steps) {
        CHECK(step.unit.starts_with("reapd"));
        CHECK(step.make != Make::Masked);
    }
    CHECK(steps.back() == Step{Make::Started, "reapd.service"});
}

TEST_CASE("a socket unit that is not installed is left out") {
    const States one{{.name = "reapd-oom.socket"},
                     {.name = "reapd.service", .file = "disabled", .active = "inactive"}};
    for (const Steps& steps : {steps_to_adopt(absent, one), steps_to_release({}, one)})
        CHECK(std::ranges::none_of(
            steps, [](const Step& step) { return step.unit == "reapd-oom.socket"; }));
}

TEST_CASE("reapd that runs is not stopped to adopt, unless its socket has to come first") {
    const auto stops = [](const States& found) {
        return std::ranges::count(steps_to_adopt(absent, found),
                                  Step{Make::Stopped, "reapd.service"});
    };
    CHECK(stops(states(ours, "enabled", "active")) == 0);
    States without_socket = states(ours, "enabled", "active");
    without_socket[0].active = "inactive";
    CHECK(stops(without_socket) == 1);
}

TEST_CASE("to release, ours are stopped and disabled before theirs are started") {
    const Steps steps =
        steps_to_release(states(theirs, "enabled", "active"), states(ours, "enabled", "active"));
    CHECK(steps == Steps{{Make::Stopped, "reapd-oom.socket"},
                         {Make::Stopped, "reapd.service"},
                         {Make::Disabled, "reapd-oom.socket"},
                         {Make::Disabled, "reapd.service"},
                         {Make::Unmasked, "systemd-oomd.socket"},
                         {Make::Unmasked, "systemd-oomd.service"},
                         {Make::Enabled, "systemd-oomd.service"},
                         {Make::Enabled, "systemd-oomd.socket"},
                         {Make::Started, "systemd-oomd.socket"},
                         {Make::Started, "systemd-oomd.service"}});
}

TEST_CASE("what was disabled and did not run is so again") {
    const Steps steps =
        steps_to_release(states(theirs, "disabled", "inactive"), states(ours, "enabled", "active"));
    index_of(steps, {Make::Unmasked, "systemd-oomd.service"});
    index_of(steps, {Make::Disabled, "systemd-oomd.service"});
    for (const Step& step : steps) {
        CHECK(step.make != Make::Started);
        CHECK(step.make != Make::Enabled);
    }
}

TEST_CASE("a socket that only ran for its service is disabled again and runs") {
    const States before{{.name = theirs[0], .file = "disabled", .active = "active"},
                        {.name = theirs[1], .file = "enabled", .active = "active"}};
    const Steps steps = steps_to_release(before, {});
    // Enabling the service enables its socket, too.
    CHECK(index_of(steps, {Make::Enabled, theirs[1]}) <
          index_of(steps, {Make::Disabled, theirs[0]}));
    index_of(steps, {Make::Started, theirs[0]});
}

TEST_CASE("what somebody else had masked stays masked") {
    for (const char* file : {"masked", ""}) {
        CAPTURE(file);
        const Steps steps =
            steps_to_release(states(theirs, file, "inactive"), states(ours, "enabled", "active"));
        CHECK(std::ranges::all_of(steps,
                                  [](const Step& step) { return step.unit.starts_with("reapd"); }));
    }
}

TEST_CASE("with nothing remembered only ours change") {
    const Steps steps = steps_to_release({}, states(ours, "enabled", "active"));
    CHECK(steps.size() == 4);
}

TEST_CASE("what is remembered comes back from its file") {
    const States before{{.name = theirs[0], .file = "disabled", .active = "active"},
                        {.name = theirs[1], .file = "enabled", .active = "failed"}};
    CHECK(parse_remembered(remembered_text(before)) == before);
    CHECK(parse_remembered(remembered_text(absent)) == absent);
}

TEST_CASE("a file that is not ours is not believed") {
    for (
        const char* text :
        {"", "{", "null", "[]", "{}", R"({"units": 3})", R"({"units": [3]})", R"({"units": [{}]})",
         R"({"units": [{"unit": "sshd.service", "unit_file_state": "", "active_state": ""}]})",
         R"({"units": [{"unit": "systemd-oomd.service", "unit_file_state": 1, "active_state": ""}]})",
         R"({"units": [{"unit": "systemd-oomd.service", "active_state": ""}]})"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_remembered(text));
    }
    const std::string whole = remembered_text(absent);
    for (std::size_t size = 0; size + 2 < whole.size(); ++size)
        CHECK_FALSE(parse_remembered(whole.substr(0, size)));
}
