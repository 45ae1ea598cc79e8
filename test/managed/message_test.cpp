// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/message.hpp"

#include "catch.hpp"

#include <nlohmann/json.hpp>

using namespace reapd;
using namespace reapd::test;

namespace {

const std::string report =
    R"({"method":"io.systemd.oom.ReportManagedOOMCGroups","parameters":{"cgroups":[)"
    R"({"mode":"kill","path":"/a","property":"ManagedOOMSwap"}]})";

Answer answer(std::string_view text) {
    const auto made = answer_message(text, 1000);
    REQUIRE(made);
    return *made;
}

/// The reply to `text`, which ends as replies do.
nlohmann::json reply(std::string_view text) {
    const std::string said = answer(text).reply;
    REQUIRE(said.ends_with('\0'));
    return nlohmann::json::parse(said.substr(0, said.size() - 1));
}

Refusal refusal(std::string_view text) {
    const auto made = answer_message(text, 1000);
    REQUIRE_FALSE(made);
    CHECK_FALSE(to_text(made.error()).empty());
    return made.error();
}

} // namespace

TEST_CASE("a report is taken, and answered unless it is oneway") {
    const std::vector<ManagedEntry> entries{
        {.path = "a", .property = ManagedProperty::Swap, .kill = true}};
    CHECK(answer(report + R"(,"oneway":true})") == Answer{.entries = {.good = entries}});
    CHECK(answer(report + "}").entries.good == entries);
    CHECK(reply(report + "}") == R"({"parameters":{}})"_json);
    CHECK(reply(report + R"(,"oneway":false})") == R"({"parameters":{}})"_json);
}

TEST_CASE("an empty report says nothing and is no fault") {
    CHECK(answer(R"({"method":"io.systemd.oom.ReportManagedOOMCGroups",)"
                 R"("parameters":{"cgroups":[]},"oneway":true})") == Answer{});
}

TEST_CASE("a report without its list is told so") {
    for (const char* const parameters :
         {"{}", "null", R"({"cgroups":null})", R"({"cgroups":{}})", R"({"cgroups":"a"})"}) {
        CAPTURE(parameters);
        const std::string call =
            R"({"method":"io.systemd.oom.ReportManagedOOMCGroups","parameters":)" +
            std::string{parameters};
        CHECK(reply(call + "}") == R"({"error":"org.varlink.service.InvalidParameter",)"
                                   R"("parameters":{"parameter":"cgroups"}})"_json);
        CHECK(answer(call + R"(,"oneway":true})") == Answer{});
    }
}

TEST_CASE("the service says what it is and describes its interfaces") {
    const nlohmann::json info = reply(R"({"method":"org.varlink.service.GetInfo"})")["parameters"];
    CHECK(info["product"] == "reapd");
    CHECK(info["interfaces"] == R"(["io.systemd.oom","org.varlink.service"])"_json);
    for (const std::string name : info["interfaces"]) {
        const nlohmann::json described =
            reply(R"({"method":"org.varlink.service.GetInterfaceDescription",)"
                  R"("parameters":{"interface":")" +
                  name + "\"}}");
        CHECK_THAT(described["parameters"]["description"].get<std::string>(),
                   contains_text("interface " + name + "\n"));
    }
    CHECK(reply(R"({"method":"org.varlink.service.GetInterfaceDescription",)"
                R"("parameters":{"interface":"org.example"}})")["error"] ==
          "org.varlink.service.InterfaceNotFound");
    CHECK(reply(R"({"method":"org.varlink.service.GetInterfaceDescription"})")["error"] ==
          "org.varlink.service.InvalidParameter");
}

TEST_CASE("a method that is not there is an error of varlink's") {
    for (const char* const method : {"", "x", "io.systemd.oom.Kill", "org.varlink.service.Get"})
        CHECK(reply(R"({"method":")" + std::string{method} + "\"}") ==
              nlohmann::json{{"error", "org.varlink.service.MethodNotFound"},
                             {"parameters", {{"method", method}}}});
}

TEST_CASE("what is no call is refused") {
    for (const char* const text : {"", " ", "{", "}", "x", "{}{}", R"({"method":"a"} x)", "{'a':1}",
                                   "\xff", "\"\xff\"", R"({"a":1e999})", "[1,]", "\xef\xbb\xbf"}) {
        CAPTURE(text);
        CHECK(refusal(text) == Refusal::NoJson);
    }
    for (const char* const text : {"null", "7", "[]", "\"a\"", "{}", R"({"method":7})",
                                   R"({"method":null})", R"({"method":"a","parameters":[]})",
                                   R"({"method":"a","parameters":7})", R"({"reply":{}})"}) {
        CAPTURE(text);
        CHECK(refusal(text) == Refusal::NoCall);
    }
}

TEST_CASE("brackets that nest deep are refused before anything is built from them") {
    CHECK(refusal(std::string(9, '[')) == Refusal::TooDeep);
    CHECK(refusal(std::string(100'000, '[')) == Refusal::TooDeep);
    std::string objects;
    for (int i = 0; i < 20'000; ++i)
        objects += R"({"a":)";
    CHECK(refusal(objects) == Refusal::TooDeep);
    CHECK(refusal(R"({"method":"a\"","parameters":)" + std::string(9, '[')) == Refusal::TooDeep);
    // In a text they are letters.
    CHECK(answer(R"({"method":"\\\"[[[[[[[[[[[["})").reply.size() > 0);
}

TEST_CASE("no beginning of a message is taken for a whole one") {
    const std::string whole = report + R"(,"oneway":true})";
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(answer_message(std::string_view{whole}.substr(0, size), 0));
}
