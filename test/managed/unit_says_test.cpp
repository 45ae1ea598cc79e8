// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/unit_says.hpp"

#include "catch.hpp"

using namespace reapd;
using namespace std::chrono_literals;

TEST_CASE("a unit of which nothing is set says nothing") {
    const UnitValues values{.swap = "auto", .pressure = "auto", .preference = "none"};
    CHECK(says(values) == UnitSays{});
    CHECK_FALSE(says(values).anything());
}

TEST_CASE("what a unit asks for is what its properties say") {
    // systemd 257: ManagedOOMMemoryPressureLimit=15%, ManagedOOMMemoryPressureDurationSec=3s
    const UnitValues values{.swap = "kill",
                            .pressure = "kill",
                            .preference = "avoid",
                            .limit = 644245094,
                            .duration = 3'000'000,
                            .rules = {"testrule"}};
    const UnitSays expected{.unit = {.swap = true,
                                     .pressure = true,
                                     .limit = Permyriad{1500},
                                     .duration = Microseconds{3s},
                                     .rules = {"testrule"}},
                            .wish = Wish::Avoid};
    CHECK(says(values) == expected);
}

TEST_CASE("0 and infinity are the daemon's defaults") {
    const UnitSays said = says({.pressure = "kill", .limit = 0, .duration = ~std::uint64_t{0}});
    CHECK(said.unit.pressure);
    CHECK_FALSE(said.unit.limit);
    CHECK_FALSE(said.unit.duration);
}

TEST_CASE("a limit says nothing where pressure is not watched") {
    CHECK(says({.pressure = "auto", .limit = 644245094, .duration = 3'000'000}) == UnitSays{});
}

TEST_CASE("a unit with rules alone, or with a preference alone, says something") {
    CHECK(says({.rules = {"testrule"}}).anything());
    CHECK(says({.preference = "omit"}).wish == Wish::Omit);
    CHECK(says({.preference = "omit"}).anything());
}

TEST_CASE("words of a newer manager mean nothing") {
    CHECK(says({.swap = "slow", .pressure = "", .preference = "prefer"}) == UnitSays{});
}

TEST_CASE("a limit is rounded to the four digits in which it was given") {
    CHECK(from_scale(0xffffffff) == Permyriad{10000});
    CHECK(from_scale(1717986918) == Permyriad{4000});
    CHECK(from_scale(2383706849) == Permyriad{5550});
    CHECK(from_scale(1288490189) == Permyriad{3000});
}

TEST_CASE("the root slice is the root, and a unit without a cgroup is nowhere") {
    CHECK(cgroup_path("/system.slice/a.service") == "system.slice/a.service");
    CHECK(cgroup_path("/") == "");
    CHECK_FALSE(cgroup_path(""));
}

TEST_CASE("only services, slices and scopes are looked at") {
    CHECK(can_be_managed("a.service"));
    CHECK(can_be_managed("-.slice"));
    CHECK(can_be_managed("init.scope"));
    CHECK_FALSE(can_be_managed("dev-sda.device"));
    CHECK_FALSE(can_be_managed("run.mount"));
    CHECK_FALSE(can_be_managed(".service"));
    CHECK_FALSE(can_be_managed("a.service.d"));
}
