// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/entries.hpp"

#include "catch.hpp"
#include "managed/managed.hpp"
#include "settings/rule.hpp"

#include <nlohmann/json.hpp>

using namespace reapd;
using namespace reapd::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t alice = 1000;

Entries read(std::string_view list, std::uint32_t uid = alice) {
    return read_entries(nlohmann::json::parse(list), uid);
}

/// What is said about a list of one bad entry.
std::string fault(std::string_view entry, std::uint32_t uid = alice) {
    const Entries entries = read("[" + std::string{entry} + "]", uid);
    CHECK(entries.good.empty());
    return entries.fault;
}

std::string pressure_with(std::string_view more) {
    return R"({"mode":"kill","path":"/a","property":"ManagedOOMMemoryPressure",)" +
           std::string{more} + "}";
}

} // namespace

TEST_CASE("entries as systemd 252 sends them are understood") {
    const Entries entries = read(
        R"([{"mode":"auto","path":"/wl.slice/testb.service","property":"ManagedOOMSwap"},
            {"mode":"kill","path":"/wl.slice/testb.service","property":"ManagedOOMMemoryPressure","limit":1717986918},
            {"mode":"kill","path":"/wl.slice","property":"ManagedOOMMemoryPressure","limit":0}])");
    CHECK(entries.fault.empty());
    CHECK(entries.good ==
          std::vector<ManagedEntry>{
              {.path = "wl.slice/testb.service", .property = ManagedProperty::Swap},
              {.path = "wl.slice/testb.service",
               .property = ManagedProperty::Pressure,
               .kill = true,
               .limit = Permyriad{4000}},
              {.path = "wl.slice", .property = ManagedProperty::Pressure, .kill = true}});
}

TEST_CASE("entries as systemd 261 sends them are understood") {
    const Entries entries = read(
        R"([{"mode":"kill","path":"/a","property":"ManagedOOMMemoryPressure","duration":2000000},
            {"mode":"kill","path":"/a","property":"OOMRules","rules":["one","two","one"]},
            {"mode":"auto","path":"/b","property":"OOMRules"}])");
    CHECK(entries.fault.empty());
    CHECK(entries.good ==
          std::vector<ManagedEntry>{
              {.path = "a", .property = ManagedProperty::Pressure, .kill = true, .duration = 2s},
              {.path = "a",
               .property = ManagedProperty::Rules,
               .kill = true,
               .rules = {"one", "two"}},
              {.path = "b", .property = ManagedProperty::Rules}});
}

TEST_CASE("a bad entry is left out alone, and the first is complained about") {
    const Entries entries = read(R"([{"mode":"kill","path":"/a","property":"ManagedOOMSwap"},
                 {"mode":"kill","path":"/a/../b","property":"ManagedOOMSwap"},
                 7,
                 {"mode":"kill","path":"/c","property":"ManagedOOMSwap"}])");
    CHECK(entries.good == std::vector<ManagedEntry>{
                              {.path = "a", .property = ManagedProperty::Swap, .kill = true},
                              {.path = "c", .property = ManagedProperty::Swap, .kill = true}});
    CHECK(entries.fault == "entry 2 of a report is left out: path '/a/../b' is not normalised");
}

TEST_CASE("properties and fields of later versions are no fault") {
    const Entries entries = read(R"([{"property":"ManagedOOMColour","colour":"red"},
                 {"mode":"kill","path":"/a","property":"ManagedOOMSwap","since":7,"limit":"x"}])");
    CHECK(entries.fault.empty());
    CHECK(entries.good.size() == 1);
}

TEST_CASE("each field of an entry must be what it should") {
    for (const char* const entry :
         {"null", "7", "[]", "{}", R"({"mode":"kill","path":"/a"})",
          R"({"mode":"kill","path":"/a","property":7})",
          R"({"path":"/a","property":"ManagedOOMSwap"})",
          R"({"mode":"Kill","path":"/a","property":"ManagedOOMSwap"})",
          R"({"mode":true,"path":"/a","property":"ManagedOOMSwap"})",
          R"({"mode":"kill","property":"ManagedOOMSwap"})",
          R"({"mode":"kill","path":null,"property":"ManagedOOMSwap"})",
          R"({"mode":"kill","path":["/a"],"property":"ManagedOOMSwap"})",
          R"({"mode":"kill","path":"/a","property":"OOMRules"})",
          R"({"mode":"kill","path":"/a","property":"OOMRules","rules":[]})",
          R"({"mode":"kill","path":"/a","property":"OOMRules","rules":"one"})",
          R"({"mode":"kill","path":"/a","property":"OOMRules","rules":["one",2]})",
          R"({"mode":"kill","path":"/a","property":"OOMRules","rules":["../one"]})",
          R"({"mode":"kill","path":"/a","property":"OOMRules","rules":[""]})"}) {
        CAPTURE(entry);
        CHECK_THAT(fault(entry), contains_text("entry 1 of a report is left out: "));
    }
}

TEST_CASE("limits and durations out of range are refused") {
    for (const char* const more :
         {R"("limit":-1)", R"("limit":4294967296)", R"("limit":1.5)", R"("limit":"40%")",
          R"("limit":true)", R"("limit":[])", R"("duration":-1)", R"("duration":999999)",
          R"("duration":18446744073709551616)", R"("duration":"2s")"}) {
        CAPTURE(more);
        CHECK_FALSE(fault(pressure_with(more)).empty());
    }
    const auto only = [](std::string_view more) {
        const Entries entries = read("[" + pressure_with(more) + "]");
        REQUIRE(entries.good.size() == 1);
        return entries.good.front();
    };
    CHECK(only(R"("limit":4294967295)").limit == Permyriad{10'000});
    CHECK(only(R"("limit":1)").limit == Permyriad{1}); // not 0, which every pressure is above
    CHECK(only(R"("limit":null)").limit == std::nullopt);
    CHECK(only(R"("duration":1000000)").duration == 1s);
    CHECK(only(R"("duration":0)").duration == std::nullopt);
    CHECK(only(R"("duration":18446744073709551615)").duration == std::nullopt);
    CHECK(only(R"("duration":18446744073709551614)").duration == longest_managed_duration);
}

TEST_CASE("the root is for user 0 alone") {
    for (const char* const root : {"", "/"}) {
        const std::string entry =
            R"({"mode":"kill","path":")" + std::string{root} + R"(","property":"ManagedOOMSwap"})";
        CHECK_FALSE(fault(entry).empty());
        const Entries entries = read("[" + entry + "]", 0);
        REQUIRE(entries.good.size() == 1);
        CHECK(entries.good.front().path.empty());
    }
}

TEST_CASE("a path is the only name of a cgroup") {
    const std::string part(255, 'x');
    CHECK(reported_path("/a") == "a");
    CHECK(reported_path("/user.slice/user-1000.slice/user@1000.service/app.slice") ==
          "user.slice/user-1000.slice/user@1000.service/app.slice");
    CHECK(reported_path("/...") == "...");
    CHECK(reported_path("/.a/b.") == ".a/b.");
    CHECK(reported_path("/" + part) == part);
    for (const std::string& path :
         {std::string{"a"}, std::string{"a/b"}, std::string{"//"}, std::string{"//a"},
          std::string{"/a/"}, std::string{"/a//b"}, std::string{"/."}, std::string{"/.."},
          std::string{"/a/.."}, std::string{"/a/../b"}, std::string{"/./a"}, std::string{"/a/."},
          std::string{"/../../etc"}, std::string{"/a\0b", 4}, std::string{"/a/\0", 4},
          "/" + part + "x", "/a/" + part + "x/b"}) {
        CAPTURE(path);
        CHECK(reported_path(path) == std::nullopt);
    }
    std::string deep;
    while (deep.size() < 4096)
        deep += "/a";
    CHECK(reported_path(deep) == std::nullopt);
    CHECK(reported_path(deep.substr(2)));
}

TEST_CASE("what a peer wrote is told in printable letters") {
    CHECK(fault(R"({"mode":"kill","path":"/\u001b[31m/..","property":"ManagedOOMSwap"})") ==
          R"(entry 1 of a report is left out: path '/\x1b[31m/..' is not normalised)");
    const std::string all = fault(R"({"mode":"kill","path":"/)" + std::string(10'000, '/') +
                                  R"(","property":"ManagedOOMSwap"})");
    CHECK(all.size() < 200);
}
