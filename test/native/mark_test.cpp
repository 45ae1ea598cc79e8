// SPDX-License-Identifier: LGPL-2.1-or-later

/// The two extended attributes by which a service manager learns that a unit was OOM-killed.

#include "catch.hpp"
#include "native/killing.hpp"

#include <sys/xattr.h>

#include <array>
#include <optional>
#include <string>

using namespace reapd;
using namespace reapd::test;

namespace {

void wait_for_ever() {}

std::optional<std::string> attribute(const Cgroup& cgroup, const char* name) {
    std::array<char, 256> text{};
    const ssize_t n = ::fgetxattr(cgroup.dir().get(), name, text.data(), text.size());
    return n < 0 ? std::nullopt
                 : std::optional{std::string{text.data(), static_cast<std::size_t>(n)}};
}

void set_attribute(const Cgroup& cgroup, const char* name, const std::string& value) {
    REQUIRE(::fsetxattr(cgroup.dir().get(), name, value.data(), value.size(), 0) == 0);
}

bool ready() {
    if (!cgroups_offered())
        return false;
    const Cgroup trial;
    if (::fsetxattr(trial.dir().get(), "user.trial", "1", 1, 0) == 0)
        return true;
    skip("this kernel has no user.* attributes on cgroups (before 5.7)");
    return false;
}

} // namespace

TEST_CASE("a kill is one more in oomd_ooms and its processes more in oomd_kill") {
    if (!ready())
        return;
    Killer killer;
    const Cgroup unit;
    const std::array dirs{unit.dir().get()};
    {
        const Child one{unit, wait_for_ever};
        const Child two{unit, wait_for_ever};
        CHECK(killer.kill(unit, {.unit_dirs = dirs}).result.xattr_error == 0);
    }
    CHECK(attribute(unit, "user.oomd_ooms") == "1");
    CHECK(eventually([&] { return attribute(unit, "user.oomd_kill") == "2"; }));
    {
        const Child three{unit, wait_for_ever};
        CHECK(killer.kill(unit, {.unit_dirs = dirs}).done == true);
    }
    CHECK(attribute(unit, "user.oomd_ooms") == "2");
    CHECK(eventually([&] { return attribute(unit, "user.oomd_kill") == "3"; }));
}

TEST_CASE("each unit of a killed slice is told of its own processes") {
    if (!ready())
        return;
    const Cgroup slice;
    const Cgroup one{slice, "one.service"};
    const Cgroup part{one, "part"};
    const Cgroup two{slice, "two.service"};
    const Cgroup idle{slice, "idle.service"};
    Killer killer;
    {
        const Child a{part, wait_for_ever};
        const Child b{one, wait_for_ever};
        const Child c{two, wait_for_ever};
        const std::array dirs{one.dir().get(), two.dir().get(), idle.dir().get()};
        CHECK(killer.kill(slice, {.unit_dirs = dirs}).done == true);
    }
    CHECK(eventually([&] { return attribute(one, "user.oomd_kill") == "2"; }));
    CHECK(eventually([&] { return attribute(two, "user.oomd_kill") == "1"; }));
    CHECK(attribute(idle, "user.oomd_kill") == std::nullopt);
}

TEST_CASE("what the owner wrote there never stops a kill") {
    if (!ready())
        return;
    const std::string before = GENERATE(as<std::string>{}, "abc", "", "-5", "9223372036854775807",
                                        "99999999999999999999999999999999999999999999");
    CAPTURE(before);
    const Cgroup unit;
    set_attribute(unit, "user.oomd_ooms", before);
    set_attribute(unit, "user.oomd_kill", before);
    Killer killer;
    const std::array dirs{unit.dir().get()};
    {
        Child victim{unit, wait_for_ever};
        CHECK(killer.kill(unit, {.unit_dirs = dirs}).done == true);
        CHECK(victim.was_killed());
    }
    CHECK(attribute(unit, "user.oomd_ooms") == "1");
    CHECK(eventually([&] { return attribute(unit, "user.oomd_kill") == "1"; }));
}

TEST_CASE("when nothing died the attributes are as before") {
    if (!ready())
        return;
    const bool had_one = GENERATE(false, true);
    CAPTURE(had_one);
    const Cgroup unit;
    const Cgroup victim{unit, "victim"};
    if (had_one)
        set_attribute(unit, "user.oomd_ooms", "41");
    Killer killer;
    Executioner& executioner = killer.executioner();
    {
        const Child child{victim, wait_for_ever};
        REQUIRE(executioner.collect_cgroup(victim.dir().get()) == Collected::Ready);
    }
    const_cast<Cgroup&>(victim).remove(); // It is gone before the kill.

    const std::array dirs{unit.dir().get()};
    executioner.execute({.unit_dirs = dirs});
    CHECK(attribute(unit, "user.oomd_ooms") == (had_one ? "42" : "1"));
    executioner.finish();

    const auto expected = had_one ? std::optional<std::string>{"41"} : std::nullopt;
    CHECK(eventually([&] { return attribute(unit, "user.oomd_ooms") == expected; }));
    CHECK(attribute(unit, "user.oomd_kill") == std::nullopt);
}
