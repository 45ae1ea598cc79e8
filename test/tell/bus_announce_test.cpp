// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dictionary.hpp"
#include "peers.hpp"
#include "tell/bus.hpp"
#include "told.hpp"

#include <vector>

using namespace reapd;

namespace {

/// A signal as received: its member, its plain arguments, its details as text.
struct Heard {
    std::string member{};
    std::vector<std::string> arguments{};
    Dictionary details{};
};

int note(sd_bus_message* signal, void* userdata, sd_bus_error*) noexcept {
    Heard heard{.member = sd_bus_message_get_member(signal)};
    char type = 0;
    const char* contents = nullptr;
    while (sd_bus_message_peek_type(signal, &type, &contents) > 0 && type != 'a')
        heard.arguments.push_back(read_basic(signal, type));
    if (heard.member != "PropertiesChanged") {
        heard.details = read_dictionary(signal);
    } else {
        sd_bus_message_enter_container(signal, 'a', "{sv}");
        while (sd_bus_message_enter_container(signal, 'e', "sv") > 0) {
            heard.arguments.push_back(read_basic(signal, 's'));
            sd_bus_message_skip(signal, "v");
            sd_bus_message_exit_container(signal);
        }
    }
    static_cast<std::vector<Heard>*>(userdata)->push_back(std::move(heard));
    return 0;
}

struct Scene {
    Scene() {
        const auto offered = face.offer(peers.server.get());
        REQUIRE(offered);
        sd_bus_slot* slot = nullptr;
        REQUIRE(sd_bus_add_match(peers.client.get(), &slot, "type='signal'", note, &heard) >= 0);
        match.reset(slot);
        peers.pump();
    }

    void announce(const Event& event) {
        face.announce({.event = event, .rule = &rule, .name_of = name_of});
        peers.pump();
    }

    Peers peers{};
    Rule rule{.name = "machine \xff"};
    Status status{};
    Journal journal{"/nonexistent/socket"};
    BusFace face{status, journal, {}};
    std::vector<Heard> heard{};
    sd::BusSlot match{};
};

} // namespace

TEST_CASE("a kill of the worst name there is reaches everybody who listens") {
    Scene scene;
    scene.announce(kill_event(EventKind::Acted, {3}));
    REQUIRE(scene.heard.size() == 2);
    CHECK(scene.heard[0].member == "Acted");
    CHECK(scene.heard[0].arguments ==
          std::vector<std::string>{"7", "kill", name_of({3}), "machine \\xff"});
    const auto& details = scene.heard[0].details;
    CHECK(details.at("Sentence").starts_with("Killed /user.slice/\\xff"));
    CHECK(details.at("ExpectedBytes") == "838860800");
    CHECK(details.at("Pressure") == "0.312000");
    CHECK(details.at("PressureKind") == "full");
    CHECK(details.at("WindowUSec") == "1000000");
    CHECK(details.at("Watched") == "/");
    CHECK(scene.heard[1].member == "PropertiesChanged");
    CHECK(scene.heard[1].arguments == std::vector<std::string>{"org.reapd1.Manager", "KillCount"});
    CHECK(scene.face.lost() == 0);
}

TEST_CASE("a freeze and its end are actions that count as no kill") {
    Scene scene;
    Event event = kill_event(EventKind::Acted);
    event.means = Action::Freeze;
    event.frozen_for = std::chrono::minutes{5};
    scene.announce(event);
    REQUIRE(scene.heard.size() == 1);
    CHECK(scene.heard[0].member == "Acted");
    CHECK(scene.heard[0].arguments[1] == "freeze");
    CHECK(scene.heard[0].details.at("FreezeMaxUSec") == "300000000");
    CHECK(scene.heard[0].details.at("FreezeThen") == "thaw");

    scene.announce({.kind = EventKind::FreezeOver, .action = 8, .watched = {1}, .victim = {2}});
    REQUIRE(scene.heard.size() == 2);
    CHECK(scene.heard[1].arguments ==
          std::vector<std::string>{"8", "thaw", "/system.slice/hog.service", "machine \\xff"});
    CHECK(scene.heard[1].details.size() == 1);
}

TEST_CASE("the end of a kill says what it gave") {
    Scene scene;
    scene.announce(kill_event(EventKind::Completed));
    REQUIRE(scene.heard.size() == 2);
    CHECK(scene.heard[0].member == "Completed");
    CHECK(scene.heard[0].arguments == std::vector<std::string>{"7"});
    const auto& details = scene.heard[0].details;
    CHECK(details.at("ReleasedBytes") == "828375040");
    CHECK(details.at("ReleaseUSec") == "80000");
    CHECK(details.at("SignalUSec") == "400");
    CHECK(details.at("Useless") == "no");
    CHECK(details.at("ControlGroup") == "/system.slice/hog.service");
    CHECK(scene.heard[1].arguments ==
          std::vector<std::string>{"org.reapd1.Manager", "ReleasedBytes"});
}

TEST_CASE("cooling is told with its own numbers, and counts as no kill") {
    Scene scene;
    scene.announce(cooling_event(EventKind::Acted));
    scene.announce(cooling_event(EventKind::Completed));
    REQUIRE(scene.heard.size() == 2); // KillCount and ReleasedBytes are what they were.
    CHECK(scene.heard[0].arguments ==
          std::vector<std::string>{"7", "hint", "/system.slice/hog.service", "machine \\xff"});
    const auto& details = scene.heard[1].details;
    CHECK(details.at("Rounds") == "3");
    CHECK(details.at("MovedBytes") == "432013312");
    CHECK(details.at("BackBytes") == "5242880");
    CHECK(details.at("StallUSec") == "3000");
    CHECK_FALSE(details.contains("SignalUSec"));
    CHECK_FALSE(details.contains("Useless"));
}

TEST_CASE("being stuck is said with its reason") {
    Scene scene;
    scene.announce(kill_event(EventKind::Stuck));
    REQUIRE(scene.heard.size() == 1);
    CHECK(scene.heard[0].arguments == std::vector<std::string>{"machine \\xff", "/"});
    CHECK(scene.heard[0].details.at("Reason") == "all-protected");
    CHECK(scene.heard[0].details.at("Candidates") == "2");
}

TEST_CASE("what only the journal is told sends no signal") {
    Scene scene;
    for (const EventKind kind : {EventKind::Armed, EventKind::Disarmed, EventKind::Relieved,
                                 EventKind::Unstuck, EventKind::PolicyDone, EventKind::GuardError})
        scene.announce(kill_event(kind));
    CHECK(scene.heard.empty());
}

TEST_CASE("changed properties are named") {
    Scene scene;
    scene.face.state_changed();
    scene.face.settings_changed();
    scene.peers.pump();
    REQUIRE(scene.heard.size() == 2);
    CHECK(scene.heard[0].arguments == std::vector<std::string>{"org.reapd1.Manager", "State"});
    CHECK(scene.heard[1].arguments ==
          std::vector<std::string>{"org.reapd1.Manager", "DryRun", "Essential"});
}

TEST_CASE("a bus that does not read is neither waited for nor fed without end") {
    Scene scene;
    const Event event = kill_event(EventKind::Acted);
    // Without pump() the other end reads nothing. libsystemd asks for 8 MiB of socket buffer.
    for (int i = 0; i < 100'000 && scene.face.lost() == 0; ++i)
        scene.face.announce({.event = event, .rule = &scene.rule, .name_of = name_of});
    CHECK(scene.face.lost() > 0);
    std::uint64_t waiting = 0;
    REQUIRE(sd_bus_get_n_queued_write(scene.peers.server.get(), &waiting) >= 0);
    CHECK(waiting < 300);
}

TEST_CASE("without a bus announcements vanish and are not counted as lost") {
    const Status status;
    Journal journal{"/nonexistent/socket"};
    BusFace face{status, journal, {}};
    const Event event = kill_event(EventKind::Acted);
    face.announce({.event = event, .name_of = name_of});
    face.state_changed();
    CHECK(face.lost() == 0);
}

TEST_CASE("a kill that a person asked for says who did and why") {
    Scene scene;
    const Event event = [] {
        Event asked = kill_event(EventKind::Acted);
        asked.order = 1;
        return asked;
    }();
    scene.face.announce(
        {.event = event, .name_of = name_of, .requester = "user 0", .reason = "so"});
    scene.peers.pump();
    REQUIRE(scene.heard.size() == 2);
    CHECK(scene.heard[0].arguments.back().empty());
    CHECK(scene.heard[0].details.at("Requester") == "user 0");
    CHECK(scene.heard[0].details.at("Reason") == "so");
}

TEST_CASE("pressure that crosses a rule's limit is told, and nothing else moves") {
    Scene scene;
    Event event{.kind = EventKind::Crossed, .watched = {2}, .above = true, .pressure = 4150};
    scene.announce(event);
    REQUIRE(scene.heard.size() == 1);
    CHECK(scene.heard[0].member == "PressureChanged");
    CHECK(scene.heard[0].arguments ==
          std::vector<std::string>{"machine \\xff", name_of({2}), "yes", "0.415000"});
}
