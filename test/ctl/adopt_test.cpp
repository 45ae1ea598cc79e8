// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/adopt.hpp"

#include "base/fd.hpp"
#include "ctl/state_file.hpp"
#include "tell/peers.hpp"
#include "tree.hpp"

#include <sys/stat.h>
#include <sys/un.h>

#include <deque>
#include <thread>

using namespace reapd;
using namespace reapd::test;

namespace {

constexpr const char* manager_path = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";

/// What systemd knows of one unit. Masking leaves `enabled` alone, as links to it stay.
struct Unit {
    std::string name{};
    bool installed = true;
    bool enabled = false;
    bool masked = false;
    bool active = false;
    bool operator==(const Unit&) const = default;
};

/// As much of the service manager as is asked here.
struct Systemd {
    std::deque<Unit> units{};
    std::string refuses{}; ///< a member that is for root
    std::string fails{};   ///< a unit that does not start
    std::vector<std::string> calls{};
    bool stale = false; ///< unit files were changed and not read again
    std::uint32_t jobs = 0;

    Unit* find(std::string_view name) {
        for (Unit& unit : units)
            if (unit.name == name && unit.installed)
                return &unit;
        return nullptr;
    }
    Unit& at(std::string_view name) {
        Unit* const unit = find(name);
        REQUIRE(unit);
        return *unit;
    }
};

std::string object_of(const Systemd& systemd, std::string_view name) {
    for (std::size_t i = 0; i < systemd.units.size(); ++i)
        if (systemd.units[i].name == name)
            return "/unit/" + std::to_string(i);
    return "/unit/none";
}

int file_state(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
    auto& systemd = *static_cast<Systemd*>(userdata);
    const char* name = nullptr;
    sd_bus_message_read(call, "s", &name);
    const Unit* const unit = systemd.find(name);
    if (!unit)
        return sd_bus_error_set_errno(error, -ENOENT);
    return sd_bus_reply_method_return(call, "s",
                                      unit->masked    ? "masked"
                                      : unit->enabled ? "enabled"
                                                      : "disabled");
}

int load(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    const char* name = nullptr;
    sd_bus_message_read(call, "s", &name);
    const std::string object = object_of(*static_cast<Systemd*>(userdata), name);
    return sd_bus_reply_method_return(call, "o", object.c_str());
}

int job(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
    auto& systemd = *static_cast<Systemd*>(userdata);
    const std::string member = sd_bus_message_get_member(call);
    const char* name = nullptr;
    const char* mode = nullptr;
    sd_bus_message_read(call, "ss", &name, &mode);
    systemd.calls.push_back(member + " " + name);
    Unit* const unit = systemd.find(name);
    const bool start = member == "StartUnit";
    if (!unit || systemd.stale || systemd.refuses == member)
        return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "Access denied");
    if (start && unit->masked)
        return sd_bus_error_set(error, "org.freedesktop.systemd1.UnitMasked", "Unit is masked.");
    const bool fails = start && systemd.fails == name;
    unit->active = start && !fails;
    const std::uint32_t id = ++systemd.jobs;
    const std::string path = "/job/" + std::to_string(id);
    const int r = sd_bus_reply_method_return(call, "o", path.c_str());
    sd_bus_emit_signal(sd_bus_message_get_bus(call), manager_path, manager, "JobRemoved", "uoss",
                       id, path.c_str(), name, fails ? "failed" : "done");
    return r;
}

int change_file(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
    auto& systemd = *static_cast<Systemd*>(userdata);
    const std::string member = sd_bus_message_get_member(call);
    const char* name = nullptr;
    sd_bus_message_enter_container(call, 'a', "s");
    sd_bus_message_read(call, "s", &name);
    systemd.calls.push_back(member + " " + name);
    Unit* const unit = systemd.find(name);
    if (!unit || systemd.refuses == member)
        return sd_bus_error_set(error, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                                "Interactive authentication required.");
    if (member.ends_with("askUnitFiles"))
        unit->masked = member == "MaskUnitFiles";
    else
        unit->enabled = member == "EnableUnitFiles";
    systemd.stale = true;
    return member == "EnableUnitFiles" ? sd_bus_reply_method_return(call, "ba(sss)", 1, 0)
                                       : sd_bus_reply_method_return(call, "a(sss)", 0);
}

int reload(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    static_cast<Systemd*>(userdata)->stale = false;
    return sd_bus_reply_method_return(call, "");
}

int subscribe(sd_bus_message* call, void*, sd_bus_error*) noexcept {
    return sd_bus_reply_method_return(call, "");
}

int active_state(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                 void* userdata, sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "s",
                                 static_cast<Unit*>(userdata)->active ? "active" : "inactive");
}

constexpr std::uint64_t anyone = SD_BUS_VTABLE_UNPRIVILEGED;

constexpr sd_bus_vtable manager_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("GetUnitFileState", "s", "s", file_state, anyone),
    SD_BUS_METHOD("LoadUnit", "s", "o", load, anyone),
    SD_BUS_METHOD("StartUnit", "ss", "o", job, anyone),
    SD_BUS_METHOD("StopUnit", "ss", "o", job, anyone),
    SD_BUS_METHOD("MaskUnitFiles", "asbb", "a(sss)", change_file, anyone),
    SD_BUS_METHOD("UnmaskUnitFiles", "asb", "a(sss)", change_file, anyone),
    SD_BUS_METHOD("EnableUnitFiles", "asbb", "ba(sss)", change_file, anyone),
    SD_BUS_METHOD("DisableUnitFiles", "asb", "a(sss)", change_file, anyone),
    SD_BUS_METHOD("Reload", "", "", reload, anyone),
    SD_BUS_METHOD("Subscribe", "", "", subscribe, anyone),
    SD_BUS_SIGNAL("JobRemoved", "uoss", 0),
    SD_BUS_VTABLE_END,
};

constexpr sd_bus_vtable unit_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("ActiveState", "s", active_state, 0, 0),
    SD_BUS_VTABLE_END,
};

/// A machine as it is after its installation: systemd-oomd runs, reapd does not.
struct Scene {
    Scene() {
        systemd.units = {{.name = "systemd-oomd.socket", .enabled = true, .active = true},
                         {.name = "systemd-oomd.service", .enabled = true, .active = true},
                         {.name = "reapd-oom.socket"},
                         {.name = "reapd.service"}};
        REQUIRE(sd_bus_add_object_vtable(peers.server.get(), nullptr, manager_path, manager,
                                         manager_vtable, &systemd) >= 0);
        for (Unit& unit : systemd.units)
            REQUIRE(sd_bus_add_object_vtable(
                        peers.server.get(), nullptr, object_of(systemd, unit.name).c_str(),
                        "org.freedesktop.systemd1.Unit", unit_vtable, &unit) >= 0);
        peers.pump();
    }

    /// The error's text, or what was said.
    template <auto hand_over>
    std::string run() {
        const std::jthread server{[this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                while (sd_bus_process(peers.server.get(), nullptr) > 0) {
                }
                (void)sd_bus_wait(peers.server.get(), 10'000); // to see the stop
            }
        }};
        Units units{peers.client.get(), nullptr};
        std::string said;
        if (const auto following = units.follow_jobs(); !following)
            return "error: " + following.error().text;
        const auto done =
            hand_over(Handover{.units = units,
                               .folder = tree.root() + "/state",
                               .sockets = tree.root() + "/sockets",
                               .say = [&said](const std::string& line) { said += line + "\n"; }});
        return done ? said : "error: " + done.error().text;
    }

    bool remembers() const {
        const auto text = read_state(tree.root() + "/state/adopted.json");
        REQUIRE(text);
        return text->has_value();
    }

    Tree tree{{}};
    Peers peers{};
    Systemd systemd{};
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("adopt puts reapd in the place of systemd-oomd and says each step") {
    Scene scene;
    const std::string said = scene.run<adopt>();
    CHECK(has(said, "/state/adopted.json how systemd-oomd was.\n"
                    "Masked systemd-oomd.socket.\nMasked systemd-oomd.service.\n"
                    "Stopped systemd-oomd.socket.\nStopped systemd-oomd.service.\n"
                    "Enabled reapd-oom.socket.\nEnabled reapd.service.\n"
                    "Started reapd-oom.socket.\nStarted reapd.service.\n"));
    for (const char* name : {"systemd-oomd.socket", "systemd-oomd.service"})
        CHECK(scene.systemd.at(name) == Unit{.name = name, .enabled = true, .masked = true});
    for (const char* name : {"reapd-oom.socket", "reapd.service"})
        CHECK(scene.systemd.at(name) == Unit{.name = name, .enabled = true, .active = true});
    CHECK_FALSE(scene.systemd.stale);
}

TEST_CASE("adopted twice and released, everything is as it was") {
    for (const bool enabled : {true, false})
        for (const bool active : {true, false}) {
            Scene scene;
            for (const char* name : {"systemd-oomd.socket", "systemd-oomd.service"}) {
                scene.systemd.at(name).enabled = enabled;
                scene.systemd.at(name).active = active;
            }
            const auto before = scene.systemd.units;
            scene.run<adopt>();
            scene.systemd.calls.clear();
            CHECK_FALSE(has(scene.run<adopt>(), "error"));
            CHECK(scene.systemd.calls.empty());
            CHECK(has(scene.run<release>(), "systemd-oomd is as it was"));
            CHECK(scene.systemd.units == before);
            CHECK_FALSE(scene.systemd.stale);
            CHECK_FALSE(scene.remembers());
        }
}

TEST_CASE("reapd has let go of everything before systemd-oomd is started") {
    Scene scene;
    scene.run<adopt>();
    scene.systemd.calls.clear();
    scene.run<release>();
    const auto at = [&](const char* call) {
        return std::ranges::find(scene.systemd.calls, call) - scene.systemd.calls.begin();
    };
    CHECK(at("StopUnit reapd-oom.socket") < at("StartUnit systemd-oomd.socket"));
    CHECK(at("StopUnit reapd.service") < at("StartUnit systemd-oomd.socket"));
    CHECK(at("DisableUnitFiles reapd.service") < at("UnmaskUnitFiles systemd-oomd.service"));
}

TEST_CASE("after a failure in the middle what was found is remembered, and both verbs work") {
    for (const char* member : {"StopUnit", "MaskUnitFiles", "EnableUnitFiles", "StartUnit"}) {
        CAPTURE(member);
        Scene scene;
        const auto before = scene.systemd.units;
        scene.systemd.refuses = member;
        const std::string failed = scene.run<adopt>();
        CHECK(has(failed, "error: "));
        CHECK(has(failed, "only root may do that"));
        CHECK(scene.remembers());
        scene.systemd.refuses.clear();
        CHECK_FALSE(has(scene.run<adopt>(), "error"));
        CHECK_FALSE(has(scene.run<release>(), "error"));
        CHECK(scene.systemd.units == before);
    }
}

TEST_CASE("a release that fails forgets nothing") {
    Scene scene;
    const auto before = scene.systemd.units;
    scene.run<adopt>();
    scene.systemd.fails = "systemd-oomd.service";
    const std::string failed = scene.run<release>();
    CHECK(has(failed, "systemd-oomd.service could not be started: its job ended with \"failed\""));
    CHECK(scene.remembers());
    scene.systemd.fails.clear();
    scene.run<release>();
    CHECK(scene.systemd.units == before);
}

TEST_CASE("without systemd-oomd reapd is put in charge all the same") {
    Scene scene;
    for (Unit& unit : scene.systemd.units)
        unit.installed = unit.name.starts_with("reapd");
    const std::string said = scene.run<adopt>();
    CHECK(said.starts_with("systemd-oomd is not installed.\n"));
    CHECK(scene.systemd.at("reapd.service").active);
    CHECK_FALSE(scene.remembers());
    CHECK(has(scene.run<release>(), "  systemd-oomd.service: not installed\n"));
    CHECK_FALSE(scene.systemd.at("reapd.service").enabled);
}

TEST_CASE("without reapd's unit nothing is changed") {
    Scene scene;
    scene.systemd.at("reapd.service").installed = false;
    CHECK(scene.run<adopt>() == "error: reapd.service is not installed. Nothing was changed.");
    CHECK(scene.systemd.calls.empty());
    CHECK_FALSE(scene.remembers());
}

TEST_CASE("a unit that somebody else masked is not unmasked without being remembered") {
    Scene scene;
    scene.systemd.at("systemd-oomd.service").masked = true;
    const std::string said = scene.run<release>();
    CHECK(has(said, "Nothing is remembered of systemd-oomd, so it stays as it is:\n"
                    "  systemd-oomd.socket: enabled, active\n"
                    "  systemd-oomd.service: masked, active\n"));
    CHECK(scene.systemd.at("systemd-oomd.service").masked);
}

TEST_CASE("a strange file of what is remembered stops both verbs before they change anything") {
    Scene scene;
    const auto written =
        write_state(scene.tree.root() + "/state", scene.tree.root() + "/state/adopted.json", "{}");
    REQUIRE(written);
    CHECK(has(scene.run<adopt>(), "is not as reapctl wrote it. Nothing was changed"));
    CHECK(has(scene.run<release>(), "is not as reapctl wrote it. Nothing was changed"));
    CHECK(scene.systemd.calls.empty());
}

TEST_CASE("a socket is removed if nobody listens on it, and only then") {
    Scene scene;
    const std::string folder = scene.tree.root() + "/sockets";
    REQUIRE(::mkdir(folder.c_str(), 0755) == 0);
    const auto bound = [&](const char* name) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        (folder + "/" + name).copy(address.sun_path, sizeof address.sun_path - 1);
        Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                0);
        return socket;
    };
    (void)bound("io.systemd.ManagedOOM");
    const Fd listens = bound("io.system.ManagedOOM");
    REQUIRE(::listen(listens.get(), 1) == 0);
    CHECK(has(scene.run<adopt>(), "io.systemd.ManagedOOM, on which nobody listened.\n"));
    CHECK(::access((folder + "/io.systemd.ManagedOOM").c_str(), F_OK) != 0);
    CHECK(::access((folder + "/io.system.ManagedOOM").c_str(), F_OK) == 0);
}
