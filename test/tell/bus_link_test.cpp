// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "tell/bus.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <vector>

using namespace reapd;

namespace {

/// What a bus daemon says to its clients, as far as it is asked here.
struct Daemon {
    std::uint32_t name_reply = 1; ///< DBUS_REQUEST_NAME_REPLY_PRIMARY_OWNER
    std::set<std::string> asked_for{};
};

int hello(sd_bus_message* call, void*, sd_bus_error*) noexcept {
    return sd_bus_reply_method_return(call, "s", ":1.1");
}

int request_name(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    auto& daemon = *static_cast<Daemon*>(userdata);
    const char* name = nullptr;
    std::uint32_t flags = 0;
    if (const int r = sd_bus_message_read(call, "su", &name, &flags); r < 0)
        return r;
    daemon.asked_for.emplace(name);
    return sd_bus_reply_method_return(call, "u", daemon.name_reply);
}

int release_name(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    const char* name = nullptr;
    if (const int r = sd_bus_message_read(call, "s", &name); r < 0)
        return r;
    static_cast<Daemon*>(userdata)->asked_for.erase(name);
    return sd_bus_reply_method_return(call, "u", 1);
}

int add_match(sd_bus_message* call, void*, sd_bus_error*) noexcept {
    return sd_bus_reply_method_return(call, "");
}

constexpr sd_bus_vtable daemon_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Hello", "", "s", hello, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestName", "su", "u", request_name, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ReleaseName", "s", "u", release_name, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("AddMatch", "s", "", add_match, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

/// A bus daemon on a socket of its own, in the same loop as its client.
class FakeBus {
public:
    explicit FakeBus(sd_event* loop) : loop_{loop} {
        std::string name = std::filesystem::temp_directory_path() / "reapd-bus-XXXXXX";
        REQUIRE(::mkdtemp(name.data()));
        folder_ = name;
        REQUIRE(::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + path()).c_str(), 1) == 0);
    }
    FakeBus(const FakeBus&) = delete;
    FakeBus& operator=(const FakeBus&) = delete;
    ~FakeBus() {
        ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
        std::filesystem::remove_all(folder_);
    }

    void listen() {
        listener_ = Fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
        REQUIRE(listener_);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address),
                       sizeof address) == 0);
        REQUIRE(::listen(listener_.get(), 2) == 0);
    }

    /// Both connections that a link makes.
    bool accept() { return accept_one() && accept_one(); }

    /// Gone with its socket, as when the daemon is stopped.
    void die() {
        buses_.clear();
        listener_ = Fd{};
        std::filesystem::remove(path());
    }

    std::string path() const { return folder_ + "/socket"; }

    Daemon daemon{};

private:
    bool accept_one() {
        const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return false;
        sd_bus* made = nullptr;
        REQUIRE(sd_bus_new(&made) >= 0);
        buses_.emplace_back(made);
        sd_id128_t id{};
        REQUIRE(sd_id128_randomize(&id) >= 0);
        REQUIRE(sd_bus_set_fd(made, fd, fd) >= 0);
        REQUIRE(sd_bus_set_server(made, 1, id) >= 0);
        REQUIRE(sd_bus_set_anonymous(made, 1) >= 0);
        REQUIRE(sd_bus_add_object_vtable(made, nullptr, "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus", daemon_vtable, &daemon) >= 0);
        REQUIRE(sd_bus_start(made) >= 0);
        REQUIRE(sd_bus_attach_event(made, loop_, 0) >= 0);
        return true;
    }

    sd_event* loop_;
    std::string folder_{};
    Fd listener_{};
    std::vector<std::unique_ptr<sd_bus, sd::Unref<sd_bus_close_unref>>> buses_{};
};

sd::Event new_loop() {
    sd_event* loop = nullptr;
    REQUIRE(sd_event_new(&loop) >= 0);
    return sd::Event{loop};
}

struct Scene {
    /// Runs the loop until nothing is ready any more. Never waits for a timer.
    void settle() {
        while (sd_event_run(loop.get(), 0) > 0) {
        }
    }

    sd::Event loop = new_loop();
    FakeBus bus{loop.get()};
    Status status{};
    Journal journal{"/nonexistent/socket"};
    BusFace face{status, journal, {}};
    std::vector<sd_bus*> ups{};
    int downs = 0;
    BusLink link{
        loop.get(), face, journal,
        BusGuest{.up = [this](sd_bus* up) { ups.push_back(up); }, .down = [this] { ++downs; }}};
};

} // namespace

TEST_CASE("the link connects, says hello and takes a name on each of two connections") {
    Scene scene;
    scene.bus.listen();
    scene.link.start();
    REQUIRE(scene.bus.accept());
    scene.settle();
    CHECK(scene.link.connected());
    CHECK(scene.bus.daemon.asked_for ==
          std::set<std::string>{"org.freedesktop.oom1", "org.reapd1"});
}

TEST_CASE("a bus that comes later is found without asking again and again") {
    Scene scene;
    scene.link.start();
    scene.settle();
    CHECK_FALSE(scene.link.connected());
    scene.bus.listen();
    scene.settle();
    REQUIRE(scene.bus.accept());
    scene.settle();
    CHECK(scene.link.connected());
}

TEST_CASE("a bus that goes away takes nobody with it") {
    Scene scene;
    scene.journal.set_level(0);
    scene.bus.listen();
    scene.link.start();
    REQUIRE(scene.bus.accept());
    scene.settle();
    REQUIRE(scene.link.connected());
    scene.bus.die();
    scene.settle();
    CHECK_FALSE(scene.link.connected());
    scene.face.state_changed();
    CHECK(sd_event_get_state(scene.loop.get()) == SD_EVENT_INITIAL);
}

TEST_CASE("who shares the connection is told of a bus that said hello, and of its end, once each") {
    Scene scene;
    scene.journal.set_level(0);
    scene.bus.listen();
    scene.link.start();
    scene.settle();
    CHECK(scene.ups.empty());
    REQUIRE(scene.bus.accept());
    scene.settle();
    REQUIRE(scene.ups.size() == 1);
    CHECK(sd_bus_is_ready(scene.ups.front()) > 0);
    CHECK(scene.downs == 0);

    scene.bus.die();
    scene.settle();
    CHECK(scene.ups.size() == 1);
    CHECK(scene.downs == 1);

    scene.bus.listen();
    scene.link.start();
    REQUIRE(scene.bus.accept());
    scene.settle();
    CHECK(scene.ups.size() == 2);
    CHECK(scene.downs == 1);
}

TEST_CASE("a connection that is left is told before it is gone") {
    bool alive = false;
    {
        const sd::Event loop = new_loop();
        FakeBus bus{loop.get()};
        const Status status{};
        Journal journal{"/nonexistent/socket"};
        BusFace face{status, journal, {}};
        sd_bus* told = nullptr;
        BusLink link{loop.get(), face, journal,
                     BusGuest{.up = [&](sd_bus* up) { told = up; },
                              .down = [&] { alive = sd_bus_is_open(told) > 0; }}};
        bus.listen();
        link.start();
        REQUIRE(bus.accept());
        while (sd_event_run(loop.get(), 0) > 0) {
        }
        REQUIRE(told);
    }
    CHECK(alive);
}

TEST_CASE("a bus that accepts and then says nothing is not waited for") {
    Scene scene;
    scene.bus.listen();
    scene.link.start();
    scene.settle();
    CHECK_FALSE(scene.link.connected());
    scene.face.state_changed();
}

TEST_CASE("a name that somebody else owns leaves the connection as it is") {
    Scene scene;
    scene.journal.set_level(0);
    scene.bus.daemon.name_reply = 2; // in the queue
    scene.bus.listen();
    scene.link.start();
    REQUIRE(scene.bus.accept());
    scene.settle();
    CHECK(scene.link.connected());
}

TEST_CASE("systemd-oomd gets the name that is its own, and we have it while that one is away") {
    Scene scene;
    const auto has_it = [&] { return scene.bus.daemon.asked_for.contains("org.freedesktop.oom1"); };
    scene.status.rivals = {"earlyoom.service", "systemd-oomd.service"};
    scene.bus.listen();
    scene.link.start();
    REQUIRE(scene.bus.accept());
    scene.settle();
    CHECK_FALSE(has_it());
    for (int times = 0; times < 2; ++times) {
        scene.status.rivals = {"earlyoom.service"};
        scene.link.rivals_changed();
        scene.link.rivals_changed();
        scene.settle();
        CHECK(has_it());
        scene.status.rivals = {"systemd-oomd.service"};
        scene.link.rivals_changed();
        scene.settle();
        CHECK_FALSE(has_it());
    }
    CHECK(scene.bus.daemon.asked_for == std::set<std::string>{"org.reapd1"});
}

TEST_CASE("without a bus a change of rivals waits for one") {
    Scene scene;
    scene.status.rivals = {"systemd-oomd.service"};
    scene.link.rivals_changed();
    scene.bus.listen();
    scene.link.start();
    REQUIRE(scene.bus.accept());
    scene.status.rivals.clear();
    scene.link.rivals_changed();
    scene.settle();
    CHECK(scene.bus.daemon.asked_for.contains("org.freedesktop.oom1"));
}
