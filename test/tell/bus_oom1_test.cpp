// SPDX-License-Identifier: LGPL-2.1-or-later
#include "peers.hpp"
#include "tell/bus.hpp"
#include "told.hpp"

#include <fcntl.h>

using namespace reapd;

namespace {

constexpr const char* path = "/org/freedesktop/oom1";
constexpr const char* manager = "org.freedesktop.oom1.Manager";

int note(sd_bus_message* signal, void* userdata, sd_bus_error*) noexcept {
    const char* cgroup = "";
    const char* reason = "";
    if (sd_bus_message_read(signal, "ss", &cgroup, &reason) >= 0)
        static_cast<std::vector<std::string>*>(userdata)->push_back(std::string{cgroup} + " " +
                                                                    reason);
    return 0;
}

struct Scene {
    Scene() {
        const auto offered = face.offer_oom1(peers.server.get());
        REQUIRE(offered);
        sd_bus_slot* slot = nullptr;
        REQUIRE(sd_bus_match_signal(peers.client.get(), &slot, nullptr, path, manager, "Killed",
                                    note, &killed) >= 0);
        match.reset(slot);
        peers.pump();
    }

    void announce(const Event& event) {
        face.announce({.event = event, .rule = &rule, .name_of = name_of});
        peers.pump();
    }

    Peers peers{};
    std::vector<std::string> killed{};
    sd::BusSlot match{};
    Status status{};
    Rule rule{.name = "10-machine"};
    Oom1Dump shown{};
    Journal journal{"/nonexistent/socket"};
    BusFace face{status, journal, {.oom1_dump = [this] { return shown; }}};
};

std::string read_all(int fd) {
    std::string text(65536, '\0');
    const ssize_t size = ::read(fd, text.data(), text.size());
    REQUIRE(size >= 0);
    text.resize(static_cast<std::size_t>(size));
    return text;
}

} // namespace

TEST_CASE("oomctl gets a file with the dump, sampled when it asks") {
    Scene scene;
    scene.shown.swap_monitored = {{.path = "/a.slice"}};
    for (const bool dry_run : {false, true}) {
        scene.shown.dry_run = dry_run;
        const auto answer =
            scene.peers.ask(scene.peers.call(path, manager, "DumpByFileDescriptor"));
        int fd = -1;
        REQUIRE(sd_bus_message_read(answer.get(), "h", &fd) > 0);
        CHECK((::fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
        CHECK(read_all(fd) == oom1_text(scene.shown));
    }
}

TEST_CASE("a kill by pressure and one by amounts are told with their reasons") {
    Scene scene;
    scene.announce(kill_event(EventKind::Acted));
    scene.announce(kill_event(EventKind::Completed));
    Event by_amount = kill_event(EventKind::Acted);
    by_amount.window = {};
    scene.announce(by_amount);
    CHECK(scene.killed == std::vector<std::string>{"/system.slice/hog.service memory-pressure",
                                                   "/system.slice/hog.service memory-used"});
}

TEST_CASE("nobody is said to be killed who lives") {
    Scene scene;
    Event event = kill_event(EventKind::Acted);
    event.dry_run = true;
    scene.announce(event);
    event = kill_event(EventKind::Acted);
    event.logged_only = true;
    scene.announce(event);
    for (const EventKind kind : {EventKind::Armed, EventKind::Stuck, EventKind::Relieved})
        scene.announce(kill_event(kind));
    event = kill_event(EventKind::Acted); // asked, and then spared
    event.grace = std::chrono::seconds{5};
    scene.announce(event);
    scene.announce(kill_event(EventKind::Relieved));
    CHECK(scene.killed.empty());
}

TEST_CASE("who was asked to end is told of once, whether SIGTERM was enough or not") {
    Scene scene;
    Event asked = kill_event(EventKind::Acted);
    asked.grace = std::chrono::seconds{5};
    scene.announce(asked);
    CHECK(scene.killed.empty());
    scene.announce(kill_event(EventKind::Completed));
    CHECK(scene.killed.size() == 1);

    scene.announce(asked);
    scene.announce(kill_event(EventKind::Acted));
    CHECK(scene.killed.size() == 2);
    scene.announce(kill_event(EventKind::Completed));
    CHECK(scene.killed.size() == 2);
}

TEST_CASE("a name that is no text is told all the same") {
    Scene scene;
    scene.announce(kill_event(EventKind::Acted, {3}));
    REQUIRE(scene.killed.size() == 1);
    CHECK(scene.killed[0].starts_with("/user.slice/\\xff"));
    CHECK(scene.face.lost() == 0);
}

TEST_CASE("without its connection kills are not told and not lost") {
    Scene scene;
    scene.face.withdraw_oom1();
    scene.announce(kill_event(EventKind::Acted));
    CHECK(scene.killed.empty());
    CHECK(scene.face.lost() == 0);
}
