// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/pager.hpp"

#include "catch.hpp"

using namespace reapd;

TEST_CASE("SYSTEMD_PAGER= comes before PAGER=, and less before more") {
    CHECK(choose_pager({}) == Pager{.commands = {"less", "more"}});
    CHECK(choose_pager({.pager = "most"}) == Pager{.commands = {"most"}});
    CHECK(choose_pager({.systemd_pager = "less -S", .pager = "most"}) ==
          Pager{.commands = {"less -S"}});
}

TEST_CASE("an empty pager and cat are none") {
    CHECK(choose_pager({.pager = ""}).commands.empty());
    CHECK(choose_pager({.systemd_pager = "cat", .pager = "most"}).commands.empty());
}

TEST_CASE("with somebody else's rights the pager is less without a shell") {
    CHECK(choose_pager({.elevated = true}) == Pager{.commands = {"less"}, .secure = true});
    CHECK(choose_pager({.pager = "most", .elevated = true}) ==
          Pager{.commands = {"less"}, .secure = true});
    CHECK(choose_pager({.pager = "most", .secure = "0", .elevated = true}) ==
          Pager{.commands = {"most"}});
    CHECK(choose_pager({.pager = "most", .secure = "1"}) ==
          Pager{.commands = {"most"}, .secure = true});
}

TEST_CASE("a pager that is not there takes nothing") {
    CHECK_FALSE(page({}, "text"));
    CHECK_FALSE(page({.commands = {"/nonexistent/pager"}}, "text"));
    CHECK(page({.commands = {"/nonexistent/pager", "true"}}, "text"));
}
