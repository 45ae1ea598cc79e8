// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/psi.hpp"

#include "catch.hpp"

#include <string>

using namespace reapd;
using namespace std::chrono_literals;

TEST_CASE("a PSI file is parsed without rounding") {
    // Read from /proc/pressure/memory of Linux 6.18.
    const Result<Pressure> pressure =
        parse_pressure("some avg10=0.00 avg60=0.01 avg300=0.22 total=1982093\n"
                       "full avg10=0.00 avg60=0.00 avg300=0.10 total=1038685\n");

    REQUIRE(pressure);
    CHECK(pressure->some == Stall{.avg10 = {0}, .avg60 = {1}, .avg300 = {22}, .total = 1982093us});
    CHECK(pressure->full == Stall{.avg10 = {0}, .avg60 = {0}, .avg300 = {10}, .total = 1038685us});
}

TEST_CASE("anything else is refused as a whole") {
    const std::string some = "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
    const std::string full = "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
    const std::string text = GENERATE_COPY(values<std::string>({
        "",
        some,                                                     // the full line is missing
        full + some,                                              // out of order
        some + full + full,                                       // repeated
        some + full.substr(0, full.size() - 1),                   // cut short
        some + "full avg10=0.0 avg60=0.00 avg300=0.00 total=0\n", // one decimal
        some + "full avg10=-1.00 avg60=0.00 avg300=0.00 total=0\n",
        some + "full avg10=101.00 avg60=0.00 avg300=0.00 total=0\n",
        some + "full avg10=0.00 avg60=0.00 avg300=0.00 total=9223372036854775808\n", // 2^63
    }));
    CAPTURE(text);

    const Result<Pressure> pressure = parse_pressure(text);
    REQUIRE_FALSE(pressure);
    CHECK(pressure.error().code == EBADMSG);
}

TEST_CASE("every truncation is refused") {
    const std::string whole = "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
                              "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
    REQUIRE(parse_pressure(whole));
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK_FALSE(parse_pressure(whole.substr(0, length)));
}
