// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/dump.hpp"

#include "base/escape.hpp"
#include "catch.hpp"

#include <nlohmann/json.hpp>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

nlohmann::json dumped(const Status& status) {
    return nlohmann::json::parse(dump_json(status), nullptr, false);
}

} // namespace

TEST_CASE("an empty status is a whole document") {
    const auto dump = dumped({});
    REQUIRE(dump.is_object());
    CHECK(dump["state"] == "idle");
    CHECK(dump["generation"].is_null());
    CHECK(dump["rules"] == nlohmann::json::array());
    CHECK(dump["rivals"] == nlohmann::json::array());
}

TEST_CASE("numbers are raw and unknown is null") {
    Policy policy{.generation = 3};
    policy.rules = {{.name = "machine",
                     .watch = {"/"},
                     .when = {.pressure_full = PressureLimit{{2000}, 1s},
                              .memory_available = AmountLimit{.share = Permyriad{1000}},
                              .swap_free = AmountLimit{.bytes = mib(1)}}}};
    Status status{.policy = std::make_shared<const Policy>(policy)};
    status.rivals = {"earlyoom.service"};
    status.history = {{.id = 1, .promise = mib(2)},
                      {.id = 2, .end = HistoryEnd{.released = mib(1)}}};
    const auto dump = dumped(status);

    const auto& rule = dump["rules"][0];
    CHECK(rule["when"]["pressure_full"]["share"] == 2000);
    CHECK(rule["when"]["pressure_full"]["window_usec"] == 1000000);
    CHECK(rule["when"]["pressure_some"].is_null());
    CHECK(rule["when"]["memory_available"]["share"] == 1000);
    CHECK(rule["when"]["memory_available"]["bytes"].is_null());
    CHECK(rule["when"]["swap_free"]["bytes"] == 1048576);
    CHECK(rule["victim"]["order"] == nlohmann::json{"growth", "size"});
    CHECK(dump["history"][0]["released"].is_null());
    CHECK(dump["history"][1]["released"] == 1048576);
    CHECK(dump["rivals"] == nlohmann::json{"earlyoom.service"});
    CHECK(dump["generation"] == 3);
}

TEST_CASE("no name breaks the document") {
    const std::string bad = "\xff\n\x1b\"}";
    Policy policy;
    policy.config.essential = {bad};
    policy.rules = {{.name = bad, .file = bad, .description = bad, .watch = {bad}}};
    Status status{.state = bad, .features = {bad}};
    status.policy = std::make_shared<const Policy>(policy);
    status.diagnostics = {{.file = bad, .text = bad}};
    status.watched = {{.rule = bad, .cgroup = bad, .trigger_error = bad}};
    status.history = {{.rule = bad, .cgroup = bad, .action = bad, .sentence = bad}};
    const auto dump = dumped(status);
    REQUIRE(dump.is_object());
    CHECK(dump["rules"][0]["name"] == escape(bad));
    CHECK(dump["config"]["essential"][0] == escape(bad));
}
