// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/known_units.hpp"

#include "catch.hpp"

using namespace reapd;

namespace {

using Change = KnownUnits::Change;

const UnitSays nothing{};
const UnitSays spared{.wish = Wish::Omit};
const UnitSays killed{.unit = {.swap = true}};

} // namespace

TEST_CASE("a unit that says nothing is known, quietly") {
    KnownUnits known;
    CHECK(known.put("a.service", "system.slice/a.service", nothing) == Change::Quiet);
    CHECK(known.by_path().contains("system.slice/a.service"));
    CHECK(known.put("a.service", "system.slice/a.service", nothing) == Change::None);
    CHECK(known.drop("a.service") == Change::Quiet);
    CHECK(known.by_path().empty());
}

TEST_CASE("only what is said otherwise than before is a change") {
    KnownUnits known;
    CHECK(known.put("a.slice", "a.slice", killed) == Change::Loud);
    CHECK(known.put("a.slice", "a.slice", killed) == Change::None);
    CHECK(known.put("a.slice", "a.slice", spared) == Change::Loud);
    CHECK(known.put("a.slice", "a.slice", nothing) == Change::Loud);
    CHECK(known.put("a.slice", "a.slice", spared) == Change::Loud);
    CHECK(known.drop("a.slice") == Change::Loud);
    CHECK(known.drop("a.slice") == Change::None);
}

TEST_CASE("a unit that moves is at its new place only") {
    KnownUnits known;
    (void)known.put("a.service", "one.slice/a.service", spared);
    CHECK(known.put("a.service", "two.slice/a.service", spared) == Change::Loud);
    CHECK(known.by_path() == UnitsByPath{{"two.slice/a.service", spared}});
}

TEST_CASE("units that are not listed any more are dropped") {
    KnownUnits known;
    (void)known.put("a.service", "system.slice/a.service", nothing);
    (void)known.put("b.service", "system.slice/b.service", killed);
    (void)known.put("-.slice", "", spared);
    CHECK(known.keep({"-.slice", "b.service"}) == Change::Quiet);
    CHECK(known.keep({"-.slice"}) == Change::Loud);
    CHECK(known.keep({"-.slice"}) == Change::None);
    CHECK(known.by_path() == UnitsByPath{{"", spared}});
}
