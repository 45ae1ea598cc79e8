// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/notifier.hpp"

#include "tell/peers.hpp"

#include <string>
#include <vector>

using namespace reapd;

namespace {

constexpr const char* firefox =
    R"(/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox\x5cx2desr-1.scope)";

struct Shown {
    std::uint32_t replaces = 0;
    std::string title{};
    std::string body{};
    std::vector<std::string> actions{}; ///< their keys
};

/// A reapd on one bus and a notification server on another, with the program between them.
class Scene {
public:
    Scene() {
        sd_bus_slot* slot = nullptr;
        REQUIRE(sd_bus_add_filter(session_.server.get(), &slot, on_notify, this) >= 0);
        filter_.reset(slot);
        REQUIRE(sd_bus_add_filter(system_.server.get(), &slot, on_order, this) >= 0);
        orders_.reset(slot);
        REQUIRE(notifier_.listen(system_.client.get()));
        run();
    }

    void acted(std::uint64_t id, const char* action, const std::string& cgroup) {
        sd_bus_message* signal = begin("Acted");
        REQUIRE(sd_bus_message_append(signal, "tsss", id, action, cgroup.c_str(), "machine") >= 0);
        REQUIRE(sd_bus_message_append(signal, "a{sv}", 5, "Sentence", "s", "Killed.", "Pressure",
                                      "d", 0.312, "WindowUSec", "t", std::uint64_t{1000000},
                                      "ExpectedBytes", "t", mib(800).value, "Requester", "s",
                                      requester) >= 0);
        end(signal);
    }
    void froze(std::uint64_t id, const std::string& cgroup) {
        sd_bus_message* signal = begin("Acted");
        REQUIRE(sd_bus_message_append(signal, "tsss", id, "freeze", cgroup.c_str(), "machine") >=
                0);
        REQUIRE(sd_bus_message_append(signal, "a{sv}", 2, "FreezeMaxUSec", "t",
                                      std::uint64_t{60'000'000}, "FreezeThen", "s", "kill") >= 0);
        end(signal);
    }
    /// Somebody clicks.
    void choose(std::uint32_t notification, const char* action) const {
        REQUIRE(sd_bus_emit_signal(session_.server.get(), "/org/freedesktop/Notifications",
                                   "org.freedesktop.Notifications", "ActionInvoked", "us",
                                   notification, action) >= 0);
        session_.pump();
        system_.pump();
    }
    void reapd_ends() const {
        sd_bus_message* made = nullptr;
        REQUIRE(sd_bus_message_new_signal(system_.server.get(), &made, "/org/freedesktop/DBus",
                                          "org.freedesktop.DBus", "NameOwnerChanged") >= 0);
        const sd::BusMessage signal{made};
        REQUIRE(sd_bus_message_append(made, "sss", "org.reapd1", ":1.7", "") >= 0);
        REQUIRE(sd_bus_message_set_sender(made, "org.freedesktop.DBus") >= 0);
        REQUIRE(sd_bus_send(system_.server.get(), made, nullptr) >= 0);
        run();
    }
    void completed(std::uint64_t id) {
        sd_bus_message* signal = begin("Completed");
        REQUIRE(sd_bus_message_append(signal, "t", id) >= 0);
        REQUIRE(sd_bus_message_append(signal, "a{sv}", 3, "Useless", "b", 0, "Survivors", "u", 0U,
                                      "ReleasedBytes", "t", mib(790).value) >= 0);
        end(signal);
    }
    void run() const {
        system_.pump();
        session_.pump();
        system_.pump();
    }

    std::vector<Shown> shown{};
    std::vector<Program> asked_for{};
    std::vector<std::uint32_t> closed{};
    std::vector<std::string> ordered{};
    bool answers = true;
    const char* sender = ":1.7";
    const char* destination = nullptr;
    const char* requester = "";

private:
    sd_bus_message* begin(const char* member) const {
        sd_bus_message* signal = nullptr;
        REQUIRE(sd_bus_message_new_signal(system_.server.get(), &signal, "/org/reapd1",
                                          "org.reapd1.Manager", member) >= 0);
        if (sender)
            REQUIRE(sd_bus_message_set_sender(signal, sender) >= 0);
        if (destination)
            REQUIRE(sd_bus_message_set_destination(signal, destination) >= 0);
        return signal;
    }
    void end(sd_bus_message* signal) const {
        const sd::BusMessage owned{signal};
        REQUIRE(sd_bus_send(system_.server.get(), signal, nullptr) >= 0);
        run();
    }
    static int on_notify(sd_bus_message* call, void* self, sd_bus_error*) noexcept {
        auto& scene = *static_cast<Scene*>(self);
        constexpr const char* interface = "org.freedesktop.Notifications";
        if (sd_bus_message_is_method_call(call, interface, "CloseNotification") > 0) {
            sd_bus_message_read(call, "u", &scene.closed.emplace_back());
            return sd_bus_reply_method_return(call, nullptr);
        }
        if (sd_bus_message_is_method_call(call, interface, "Notify") <= 0)
            return 0;
        const char* program = "";
        const char* icon = "";
        const char* title = "";
        const char* body = "";
        Shown made;
        sd_bus_message_read(call, "susss", &program, &made.replaces, &icon, &title, &body);
        made.title = title;
        made.body = body;
        const char* key = "";
        const char* label = "";
        sd_bus_message_enter_container(call, 'a', "s");
        while (sd_bus_message_read(call, "ss", &key, &label) > 0)
            made.actions.emplace_back(key);
        scene.shown.push_back(std::move(made));
        if (scene.answers)
            return sd_bus_reply_method_return(call, "u",
                                              static_cast<std::uint32_t>(scene.shown.size() + 40));
        return sd_bus_reply_method_errorf(call, "org.freedesktop.DBus.Error.Failed", "no screen");
    }

    static int on_order(sd_bus_message* call, void* self, sd_bus_error*) noexcept {
        auto& scene = *static_cast<Scene*>(self);
        const char* cgroup = "";
        if (sd_bus_message_is_method_call(call, "org.reapd1.Manager", nullptr) <= 0)
            return 0;
        sd_bus_message_read(call, "s", &cgroup);
        const int may_ask = sd_bus_message_get_allow_interactive_authorization(call);
        scene.ordered.push_back(std::string{sd_bus_message_get_member(call)} + " " + cgroup +
                                (may_ask > 0 ? " asking" : ""));
        return sd_bus_reply_method_return(call, nullptr);
    }

    Peers system_{};
    Peers session_{};
    sd::BusSlot filter_{};
    sd::BusSlot orders_{};
    Notifier notifier_{session_.client.get(), 1000, [this](const Program& program) {
                           asked_for.push_back(program);
                           return std::string{"Firefox"};
                       }};
};

} // namespace

TEST_CASE("a kill among one's own is shown, and then what it gave") {
    Scene scene;
    scene.acted(7, "kill", firefox);
    REQUIRE(scene.shown.size() == 1);
    CHECK(scene.asked_for.at(0) == Program{.id = "firefox-esr", .name = "firefox-esr"});
    CHECK(scene.shown[0].replaces == 0);
    CHECK(scene.shown[0].title == "Firefox was closed to free memory");
    CHECK(scene.shown[0].body.find("31%") != std::string::npos);

    scene.completed(7);
    REQUIRE(scene.shown.size() == 2);
    CHECK(scene.shown[1].replaces == 41);
    CHECK(scene.shown[1].body.find("790M of memory came back") != std::string::npos);
}

TEST_CASE("what is another user's, the system's or only a dry run is not shown") {
    Scene scene;
    scene.acted(1, "kill", "/user.slice/user-1001.slice/session-2.scope");
    scene.acted(2, "kill", "/system.slice/hog.service");
    scene.acted(3, "dry-run", firefox);
    scene.acted(4, "log", firefox);
    for (std::uint64_t id = 0; id < 5; ++id)
        scene.completed(id);
    CHECK(scene.shown.empty());
}

TEST_CASE("who was asked to end and then killed has one notification") {
    Scene scene;
    scene.acted(7, "terminate", firefox);
    scene.acted(7, "kill", firefox);
    REQUIRE(scene.shown.size() == 2);
    CHECK(scene.shown[0].title.find("asked to close") != std::string::npos);
    CHECK(scene.shown[1].title == "Firefox was closed to free memory");
    CHECK(scene.shown[1].replaces == 41);
}

TEST_CASE("of what a rule froze a person is asked, and what is answered is ordered") {
    Scene scene;
    scene.froze(7, firefox);
    REQUIRE(scene.shown.size() == 1);
    CHECK(scene.shown[0].title == "Firefox was stopped to free memory");
    CHECK(scene.shown[0].body.find("In 1min it is closed.") != std::string::npos);
    CHECK(scene.shown[0].actions == std::vector<std::string>{"thaw", "kill"});
    scene.completed(7);
    REQUIRE(scene.shown.size() == 2);
    CHECK(scene.shown[1].replaces == 41);
    CHECK(scene.shown[1].body.find("790M of it is in swap") != std::string::npos);
    CHECK(scene.ordered.empty());

    const std::string cgroup{firefox};
    SECTION("to let it go on") {
        scene.choose(42, "thaw");
        CHECK(scene.ordered == std::vector<std::string>{"Thaw " + cgroup + " asking"});
    }
    SECTION("to close it") {
        scene.choose(42, "kill");
        CHECK(scene.ordered == std::vector<std::string>{"Kill " + cgroup + " asking"});
    }
    SECTION("not when another program was answered, or something else") {
        scene.choose(43, "kill");
        scene.choose(0, "kill");
        scene.choose(42, "default");
        CHECK(scene.ordered.empty());
    }
}

TEST_CASE("nobody is asked any more of what does not stand frozen any more") {
    Scene scene;
    scene.froze(7, firefox);
    SECTION("it was thawed") { scene.acted(8, "thaw", firefox); }
    SECTION("by hand") { scene.acted(0, "thaw", firefox); }
    SECTION("it was killed") { scene.acted(8, "kill", firefox); }
    SECTION("reapd has ended") { scene.reapd_ends(); }
    CHECK(scene.closed == std::vector<std::uint32_t>{41});
    scene.completed(7);
    scene.choose(41, "kill");
    CHECK(scene.ordered.empty());
}

TEST_CASE("what stands frozen of others asks nobody here") {
    Scene scene;
    scene.froze(7, firefox);
    scene.acted(8, "thaw", "/user.slice/user-1000.slice/session-2.scope");
    CHECK(scene.closed.empty());
    scene.froze(9, "/user.slice/user-1001.slice/session-3.scope");
    CHECK(scene.shown.size() == 1);
}

TEST_CASE("without anybody who shows notifications it goes on") {
    Scene scene;
    scene.answers = false;
    scene.acted(7, "kill", firefox);
    scene.answers = true;
    scene.completed(7);
    REQUIRE(scene.shown.size() == 2);
    CHECK(scene.shown[1].replaces == 0);
}

TEST_CASE("only the last few kills are remembered") {
    Scene scene;
    for (std::uint64_t id = 1; id <= 100; ++id)
        scene.acted(id, "kill", firefox);
    CHECK(scene.shown.size() == 100);
    scene.completed(1);
    CHECK(scene.shown.size() == 100);
    scene.completed(100);
    CHECK(scene.shown.size() == 101);
}

TEST_CASE("a reapd that was started anew counts from one again") {
    Scene scene;
    for (std::uint64_t id = 101; id <= 108; ++id)
        scene.acted(id, "kill", firefox);
    scene.acted(1, "kill", firefox);
    REQUIRE(scene.shown.size() == 9);
    CHECK(scene.shown.back().replaces == 0);
    scene.completed(1);
    REQUIRE(scene.shown.size() == 10);
    CHECK(scene.shown.back().replaces == 49);

    scene.acted(1, "kill", firefox);
    CHECK(scene.shown.back().replaces == 0);
}

TEST_CASE("a signal without a sender of the bus is nobody's") {
    Scene scene;
    scene.sender = nullptr;
    scene.acted(7, "kill", firefox);
    CHECK(scene.shown.empty());
}

TEST_CASE("what is sent to it alone is not the daemon's, which speaks to all") {
    Scene scene;
    scene.destination = ":1.9";
    scene.acted(7, "kill", firefox);
    CHECK(scene.shown.empty());
    scene.destination = nullptr;
    scene.acted(7, "kill", firefox);
    CHECK(scene.shown.size() == 1);
}

TEST_CASE("a kill by hand is shown with who ordered it") {
    Scene scene;
    scene.requester = "user 0 (process 9)";
    scene.acted(7, "kill", firefox);
    REQUIRE(scene.shown.size() == 1);
    CHECK(scene.shown[0].body.starts_with("user 0 (process 9) asked for it"));
}
