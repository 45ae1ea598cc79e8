// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/paint.hpp"

#include "catch.hpp"

using namespace reapd;

TEST_CASE("colours are for terminals whose owner wants them") {
    CHECK(wants_colour({.terminal = true, .term = "xterm"}));
    CHECK(wants_colour({.terminal = true}));
    CHECK_FALSE(wants_colour({.terminal = false, .term = "xterm"}));
    CHECK_FALSE(wants_colour({.terminal = true, .term = "dumb"}));
    CHECK_FALSE(wants_colour({.terminal = true, .no_color = "", .term = "xterm"}));
}

TEST_CASE("SYSTEMD_COLORS is asked first, as systemd's own tools do") {
    CHECK(wants_colour({.terminal = false, .systemd_colors = "1", .no_color = "1"}));
    CHECK(wants_colour({.terminal = false, .systemd_colors = "256"}));
    for (const char* no : {"0", "no", "false", "off"})
        CHECK_FALSE(wants_colour({.terminal = true, .systemd_colors = no}));
    CHECK(wants_colour({.terminal = true, .systemd_colors = "auto-16"}));
    CHECK_FALSE(wants_colour({.terminal = false, .systemd_colors = "auto-16"}));
    CHECK(wants_colour({.terminal = true, .systemd_colors = ""}));
}

TEST_CASE("a paint that is off leaves text as it is") {
    CHECK(Paint{false}(Colour::Red, "x") == "x");
    CHECK(Paint{true}(Colour::Red, "x") == "\x1b[31;1mx\x1b[0m");
}
