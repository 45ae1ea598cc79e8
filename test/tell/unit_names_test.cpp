// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "tell/report.hpp"

using namespace reapd;

namespace {

struct Case {
    std::string path{};
    UnitNames units{};
};

} // namespace

TEST_CASE("the unit of a cgroup is the one its manager made it for") {
    const std::vector<Case> cases{
        {"/system.slice/hog.service", {"hog.service", ""}},
        {"system.slice/hog.service", {"hog.service", ""}},
        {"/a.slice/a-b.slice/x@1.service", {"x@1.service", ""}},
        {"/system.slice/docker.service/payload/sshd.service", {"docker.service", ""}},
        {"/user.slice/user-1000.slice/session-3.scope", {"session-3.scope", ""}},
        {"/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
         {"user@1000.service", "app-x.scope"}},
        {"/user.slice/user-1000.slice/user@1000.service/app.slice/a.service/evil.service",
         {"user@1000.service", "a.service"}},
        {"/user.slice/user-1000.slice/user@1000.service/app.slice",
         {"user@1000.service", "app.slice"}},
        {"/user.slice/user-1000.slice/user@1000.service", {"user@1000.service", ""}},
        {"/machine.slice", {"machine.slice", ""}},
        {"/init.scope", {"init.scope", ""}},
        {"/system.slice/_cpu.service", {"cpu.service", ""}},
        {R"(/system.slice/dev-disk\x2dby.swap)", {R"(dev-disk\x2dby.swap)", ""}},
    };
    for (const Case& example : cases) {
        CAPTURE(example.path);
        CHECK(units_of(example.path) == example.units);
    }
}

TEST_CASE("names that no unit can have are told to nobody") {
    const std::string long_name = std::string(250, 'a') + ".service";
    for (const std::string& path :
         {std::string{"/"}, std::string{}, std::string{"cgroup 1234"}, std::string{"/.service"},
          std::string{"/a b.service"}, std::string{"/\xff.service"}, "/" + long_name,
          std::string{"/x\n_SYSTEMD_UNIT=ssh.service"}, std::string{"/kubepods/pod1"},
          std::string{"//"}}) {
        CAPTURE(path);
        CHECK(units_of(path) == UnitNames{});
    }
    // The owner of a directory that is no unit chose what is below it.
    CHECK(units_of("/machine.slice/payload/ssh.service") == UnitNames{"machine.slice", ""});
}

TEST_CASE("a cgroup is a user's when it lies in the user's slice") {
    CHECK(user_of("/user.slice/user-1000.slice/session-3.scope") == 1000);
    CHECK(user_of("user.slice/user-0.slice") == 0);
    for (const char* const path :
         {"/", "/user.slice", "/user.slice/user-.slice", "/user.slice/user-x.slice/a.service",
          "/user.slice/user-10x.slice", "/user.slice/user--1.slice", "/user.slice/user-1000",
          "/user.slice/user-4294967296.slice", "/system.slice/user.slice/user-1000.slice",
          "/user.slice/other.slice/user-1000.slice"}) {
        CAPTURE(path);
        CHECK_FALSE(user_of(path));
    }
}
