// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/options.hpp"

#include "catch.hpp"

using namespace reapd;

namespace {

std::expected<Arguments, std::string> parse(std::vector<std::string> words,
                                            const Around& around = {}) {
    words.insert(words.begin(), "reapctl");
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return parse_arguments({pointers.data(), words.size()}, around);
}

} // namespace

TEST_CASE("without arguments there is no verb and every option is at its default") {
    const auto parsed = parse({});
    REQUIRE(parsed);
    CHECK(parsed->verb.empty());
    CHECK(parsed->options.json == Json::Off);
    CHECK(parsed->options.legend);
    CHECK(parsed->options.pager);
}

TEST_CASE("options may stand before and after the verb, and be shortened") {
    const auto parsed = parse({"--no-l", "history", "-n", "3", "--no-pager", "17", "--json=short"});
    REQUIRE(parsed);
    CHECK(parsed->verb == "history");
    CHECK(parsed->options.lines == 3);
    CHECK_FALSE(parsed->options.legend);
    CHECK_FALSE(parsed->options.pager);
    CHECK(parsed->options.json == Json::Short);
    CHECK(parsed->rest == std::vector<std::string>{"17"});
}

TEST_CASE("without a verb the options of status are taken") {
    const auto parsed = parse({"-M", "box"});
    REQUIRE(parsed);
    CHECK(parsed->verb.empty());
    CHECK(parsed->options.machine == "box");
}

TEST_CASE("-j is pretty on a terminal and short elsewhere") {
    CHECK(parse({"-j"}, {.terminal = true})->options.json == Json::Pretty);
    CHECK(parse({"-j"})->options.json == Json::Short);
    CHECK(parse({"-j", "--json=off"})->options.json == Json::Off);
}

TEST_CASE("after -- everything is an argument") {
    const auto parsed = parse({"kill", "--", "-h"});
    REQUIRE(parsed);
    CHECK(parsed->rest == std::vector<std::string>{"-h"});
    CHECK_FALSE(parsed->options.help);
}

TEST_CASE("until a second is until its end, as tables show no more than seconds") {
    CHECK(parse({"history", "-U", "@2001"})->options.until_usec == 2'001'999'999);
    CHECK(parse({"history", "-U", "now"}, {.now_usec = 5'000'001})->options.until_usec ==
          5'000'001);
    CHECK(parse({"history", "-S", "@2001"})->options.since_usec == 2'001'000'000);
}

TEST_CASE("what is wrong is said in the words of the user") {
    const std::vector<std::pair<std::vector<std::string>, std::string>> table{
        {{"--jsno"}, "--jsno: there is no such option"},
        {{"--no-legend=1"}, "--no-legend=1: this option takes no value"},
        {{"--no"}, "--no: several options begin so"},
        {{"-x"}, "no such option: -x"},
        {{"--json"}, "--json= needs a value"},
        {{"history", "-n"}, "--lines= needs a value"},
        {{"--json=xml"}, "--json= takes pretty, short or off, not \"xml\""},
        {{"history", "-n", "0"}, "--lines= takes a number from 1, not \"0\""},
        {{"history", "--since=soon"},
         "--since= takes a time such as \"2026-01-31 18:00\", \"today\" or \"-2h\", not \"soon\""},
        {{"top", "-d", "1us"}, "--delay= takes a time from 100ms to 1h, not \"1us\""},
        {{"--machine="}, "--machine= takes something, not \"\""},
        {{"status", "--root=/x"}, "--root= is for check"},
        {{"--follow"}, "--follow is for history"},
        {{"top", "--reason=x"}, "--reason= is for kill"},
    };
    for (const auto& [words, sentence] : table) {
        const auto parsed = parse(words);
        CAPTURE(words.back());
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error() == sentence);
    }
}
