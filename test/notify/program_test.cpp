// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/program.hpp"

#include "catch.hpp"

#include <vector>

using namespace reapd;

namespace {

constexpr const char* apps = "/user.slice/user-1000.slice/user@1000.service/app.slice/";

struct Case {
    std::string unit{};
    Program program{};
};

} // namespace

TEST_CASE("the unit of an application has the name of its desktop file in it") {
    const std::vector<Case> cases{
        {"app-gnome-firefox-1234.scope", {"firefox", "firefox"}},
        {R"(app-gnome-firefox\x2desr-1234.scope)", {"firefox-esr", "firefox-esr"}},
        {"app-gnome-org.gnome.Evince-99.scope", {"org.gnome.Evince", "Evince"}},
        {"app-flatpak-org.mozilla.firefox-3117.scope", {"org.mozilla.firefox", "firefox"}},
        {"app-org.kde.okular@0a1b2c.service", {"org.kde.okular", "okular"}},
        {"app-KDE-org.kde.okular@0a1b2c.service", {"org.kde.okular", "okular"}},
        {"app-org.kde.konsole-4711.scope", {"org.kde.konsole", "konsole"}},
        {R"(app-nm\x2dapplet@autostart.service)", {"nm-applet", "nm-applet"}},
        {"app-org.example.Plain.service", {"org.example.Plain", "Plain"}},
        {"app-org.gnome.Terminal.slice/vte-spawn-9d9e7b0c.scope",
         {"org.gnome.Terminal", "Terminal"}},
        {"app-gnome-code-55.scope/inner/leaf", {"code", "code"}},
        {"snap.firefox.firefox-9b1c1f6e.scope", {"firefox_firefox", "firefox"}},
        {"snap.text-editor.new-window-0b4c9ae5-7f2d-4a55-9d1c-3e8f60a1b2c3.scope",
         {"text-editor_new-window", "new-window"}},
    };
    for (const Case& example : cases) {
        CAPTURE(example.unit);
        const Program found = program_of(apps + example.unit);
        CHECK(found.id == example.program.id);
        CHECK(found.name == example.program.name);
    }
}

TEST_CASE("what is no application has the name of its unit") {
    const std::vector<Case> cases{
        {"backup.service", {"", "backup"}},
        {R"(my\x20job.service)", {"", "my job"}},
        {"app-.scope", {"", "app-"}},
        {"snap.x.scope", {"", "snap.x"}},
        {"", {"", "A program"}},
    };
    for (const Case& example : cases) {
        CAPTURE(example.unit);
        CHECK(program_of(apps + example.unit) == example.program);
    }
    CHECK(program_of("/user.slice/user-1000.slice/session-3.scope") ==
          Program{.name = "A program in your login session"});
    CHECK(program_of("") == Program{.name = "A program"});
    // The system's units are not named by a desktop.
    CHECK(program_of("/app-x-firefox-1.scope/user@1000.service/a.service").id.empty());
}
