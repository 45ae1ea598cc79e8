// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/rivals.hpp"

#include "catch.hpp"
#include "tell/message_ids.hpp"

using namespace reapd;

namespace {

bool has(const Entry& entry, std::string_view line) {
    return ("\n" + entry.wire()).find("\n" + std::string{line} + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("another killer is known by its service, in whatever slice it is") {
    CHECK(rival_at("system.slice/systemd-oomd.service") == "systemd-oomd.service");
    CHECK(rival_at("system.slice/earlyoom.service") == "earlyoom.service");
    CHECK(rival_at("hostcritical.slice/nohang-desktop.service") == "nohang-desktop.service");
    CHECK(rival_at("a.slice/a-b.slice/oomd.service") == "oomd.service");
}

TEST_CASE("what is named alike elsewhere is no killer") {
    for (const char* path :
         {"", "/", "system.slice", "system.slice/", "earlyoom", "system.slice/dbus.service",
          "system.slice/earlyoom.service/earlyoom.service", "system.slice/earlyoom.service/",
          "user.slice/user-1000.slice/user@1000.service/app.slice/earlyoom.service",
          "machine/earlyoom.service", "system.slice/xearlyoom.service",
          "system.slice/earlyoom.service.d"}) {
        CAPTURE(path);
        CHECK(rival_at(path).empty());
    }
}

TEST_CASE("its coming is a warning that says what can be done, its going a notice") {
    const Entry came = rival_entry("earlyoom.service", RivalNews::Came);
    CHECK(came.priority() == 4);
    CHECK(came.message() == "Another killer is active: earlyoom.service. Both act on the same "
                            "pressure; stop and disable one of them.");
    CHECK(has(came, "MESSAGE_ID=" + std::string{message_id::rival_came}));
    CHECK(has(came, "REAPD_EVENT=rival-came"));
    CHECK(has(came, "REAPD_RIVAL=earlyoom.service"));
    CHECK(has(came, "OBJECT_SYSTEMD_UNIT=earlyoom.service"));
    CHECK(rival_entry("systemd-oomd.service", RivalNews::Came)
              .message()
              .ends_with("pressure; \"reapctl adopt\" takes over from it."));

    const Entry went = rival_entry("earlyoom.service", RivalNews::Went);
    CHECK(went.priority() == 5);
    CHECK(went.message() == "The other killer earlyoom.service has ended.");
    CHECK(has(went, "MESSAGE_ID=" + std::string{message_id::rival_went}));
}
