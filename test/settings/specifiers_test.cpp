// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/specifiers.hpp"

#include "catch.hpp"

using namespace reapd;

namespace {

const Host host{.name = "web1.example.org",
                .machine_id = "00112233445566778899aabbccddeeff",
                .boot_id = "ffeeddccbbaa99887766554433221100",
                .kernel = "6.1.0-40-amd64"};

} // namespace

TEST_CASE("specifiers are replaced as in units") {
    CHECK(expand_specifiers("app-%H.slice", host) == "app-web1.example.org.slice");
    CHECK(expand_specifiers("app-%l.slice", host) == "app-web1.slice");
    CHECK(expand_specifiers("%m/%b", host) == host.machine_id + "/" + host.boot_id);
    CHECK(expand_specifiers("%v%%%v", host) == "6.1.0-40-amd64%6.1.0-40-amd64");
    CHECK(expand_specifiers("%%H", host) == "%H"); // what was replaced is not read again
    CHECK(expand_specifiers("a*.slice", host) == "a*.slice");
    CHECK(expand_specifiers("%l", Host{.name = "short"}) == "short");
}

TEST_CASE("other specifiers and those without a value are refused") {
    for (const std::string wrong : {"%u", "%n", "% ", "%h", "%L"}) {
        CAPTURE(wrong);
        const Parsed<std::string> expanded = expand_specifiers("a-" + wrong + ".slice", host);
        REQUIRE_FALSE(expanded);
        CHECK(expanded.error() ==
              "found '" + wrong + "', expected %H, %l, %m, %b or %v, or %% for a percent sign");
    }
    CHECK_FALSE(expand_specifiers("a%", host));
    for (const char* const unknown : {"%H", "%l", "%m", "%b", "%v"})
        CHECK_FALSE(expand_specifiers(unknown, Host{}));
    CHECK(expand_specifiers("%m", Host{}).error() ==
          "found '%m', expected a specifier that has a value on this system");
}

TEST_CASE("globs of settings have the specifiers of this host") {
    const Host here = this_host();
    REQUIRE_FALSE(here.name.empty());
    REQUIRE(here.boot_id.size() == 32);
    CHECK(parse_glob("/app-%H.slice") == "app-" + here.name + ".slice");
    CHECK(parse_glob("a-%b") == "a-" + here.boot_id);
    CHECK(parse_glob("100%%.slice") == "100%.slice");
    CHECK(parse_glob("a-%i.slice").error().starts_with("found '%i', expected %H"));
    CHECK_FALSE(parse_glob("a/%%/%"));
}
