// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/human.hpp"

#include "catch.hpp"

using namespace reapd;
using nlohmann::json;

TEST_CASE("numbers are short for people, and what is unknown is a dash") {
    const json row = json::parse(R"({"size": 4187593114, "minus": -5242880, "plus": 1048576,
                                     "share": 0.382, "permyriad": 3820, "count": 17,
                                     "text": "x", "null": null})");
    CHECK(size_cell(row, "size") == "3.8G");
    CHECK(change_cell(row, "minus") == "-5M");
    CHECK(change_cell(row, "plus") == "+1M");
    CHECK(share_cell(row, "share") == "38.20%");
    CHECK(permyriad_cell(row, "permyriad") == "38.20%");
    CHECK(count_cell(row, "count") == "17");
    CHECK(text_cell(row, "text") == "x");
    for (const char* key : {"null", "missing"})
        for (const auto cell :
             {size_cell, change_cell, span_cell, permyriad_cell, share_cell, count_cell, text_cell})
            CHECK(cell(row, key) == "-");
}

TEST_CASE("a span has one unit up to a minute") {
    const auto span = [](std::uint64_t usec) { return span_cell({{"s", usec}}, "s"); };
    CHECK(span(0) == "0us");
    CHECK(span(999) == "999us");
    CHECK(span(1'000) == "1.0ms");
    CHECK(span(417'999) == "417.9ms");
    CHECK(span(59'999'999) == "59.9s");
    CHECK(span(90'500'000) == "1min 30s");
}
