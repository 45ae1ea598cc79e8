// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/fit.hpp"

#include "catch.hpp"
#include "ctl/columns.hpp"

using namespace reapd;

TEST_CASE("text is as wide as its place, whatever it is") {
    CHECK(fit("abc", 5) == "abc  ");
    CHECK(fit("größer", 4) == "grö…");
    CHECK(fit("größer", 4, "~") == "grö~");
    CHECK(fit("abc", 0).empty());
    CHECK(fit_right("1", 3) == "  1");
    CHECK(fit_right("1234", 3) == "12…");
    for (std::size_t width = 0; width < 12; ++width) {
        CHECK(width_of(fit("größer als", width)) == width);
        CHECK(width_of(elide("/größer/als", width)) == width);
        CHECK(width_of(bars({0, 0.5, 1}, width, true)) == width);
    }
}

TEST_CASE("what is cut keeps its colours, which take no place") {
    CHECK(cut("größer", 6) == "größer");
    CHECK(cut("größer", 4) == "grö…");
    CHECK(cut("größer", 0).empty());
    CHECK(cut("\x1b[1mbold\x1b[0m on", 7) == "\x1b[1mbold\x1b[0m on");
    CHECK(cut("\x1b[1mbold\x1b[0m on", 6, "~") == "\x1b[1mbold\x1b[0m ~");
    CHECK(cut("\x1b[1mbold\x1b[0m on", 2, "~") == "\x1b[1mb~\x1b[0m");
    CHECK(cut("a\x1b[", 5) == "a\x1b["); // not ours, and not ended
}

TEST_CASE("lines are broken at spaces, and where there is none at their end") {
    using Lines = std::vector<std::string>;
    CHECK(wrap("one two three", 7) == Lines{"one two", "three"});
    CHECK(wrap("one two three", 8) == Lines{"one two", "three"});
    CHECK(wrap("one two three", 6) == Lines{"one", "two", "three"});
    CHECK(wrap("in /größer/als", 7) == Lines{"in", "/größer", "/als"});
    CHECK(wrap("ab", 0) == Lines{"a", "b"});
    CHECK(wrap("", 5) == Lines{""});
    CHECK(wrap(" leads", 5) == Lines{" lead", "s"});
}

TEST_CASE("a path keeps its beginning and its end") {
    CHECK(elide("/user.slice/user-1000.slice/app-firefox.scope", 22) == "/user.s…-firefox.scope");
    CHECK(elide("/a", 6) == "/a    ");
}

TEST_CASE("bars show what is newest, on the right") {
    CHECK(bars({0, 0.01, 0.125, 0.13, 0.5, 1, 7}, 7, true) == "▁▁▁▂▄██");
    CHECK(bars({0, 0.5, 1}, 2, false) == "=#");
    CHECK(bars({1}, 3, false) == "  #");
    CHECK(bars({}, 2, true) == "  ");
}
