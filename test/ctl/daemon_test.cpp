// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/daemon.hpp"

#include "tell/bus.hpp"
#include "tell/dump.hpp"
#include "tell/peers.hpp"

#include <thread>

using namespace reapd;

namespace {

/// The daemon's end of a socket, served by a thread while the test asks and waits.
class Daemon {
public:
    explicit Daemon(BusCallbacks callbacks) : face_{status, journal_, std::move(callbacks)} {
        const auto offered = face_.offer(peers_.server.get());
        REQUIRE(offered);
        peers_.pump();
    }

    std::expected<View, Failure> ask() {
        const std::jthread server{[this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                while (sd_bus_process(peers_.server.get(), nullptr) > 0) {
                }
                (void)sd_bus_wait(peers_.server.get(), 10'000); // to see the stop
            }
        }};
        return ask_daemon({.bus = peers_.client.get(), .name = nullptr});
    }

    Status status{};

private:
    Peers peers_{};
    Journal journal_{"/nonexistent/socket"};
    BusFace face_;
};

} // namespace

TEST_CASE("the view has the dump, the pressure, and a share where one is known") {
    const Status* shown = nullptr;
    Daemon daemon{{.dump = [&shown] { return dump_json(*shown); },
                   .pressure = [] { return std::array<double, 6>{0, 0, 0, 7.5, 0, 0}; },
                   .share_of = [](const Watched& watched) -> std::optional<Permyriad> {
                       return watched.cgroup == "/" ? std::optional{Permyriad{1200}} : std::nullopt;
                   }}};
    shown = &daemon.status;
    daemon.status.watched = {{.rule = "a", .cgroup = "/"}, {.rule = "a", .cgroup = "\\xff"}};
    const auto view = daemon.ask();
    REQUIRE(view);
    CHECK(view->pressure[3] == 7.5);
    CHECK(view->dump["state"] == "idle");
    CHECK(view->dump["watched"][0]["share"] == 0.12);
    CHECK(view->dump["watched"][1]["share"].is_null());
}

TEST_CASE("a dump that is no JSON is a failure, not a crash") {
    Daemon daemon{{.dump = [] { return std::string{"{\"state\": "}; }}};
    const auto view = daemon.ask();
    REQUIRE_FALSE(view);
    CHECK(view.error().status == 1);
}

TEST_CASE("without the daemon the exit status is 69") {
    const Peers peers;
    peers.pump();
    REQUIRE(sd_bus_set_method_call_timeout(peers.client.get(), 1000) >= 0); // nobody serves
    const auto view = ask_daemon({.bus = peers.client.get(), .name = nullptr});
    REQUIRE_FALSE(view);
    CHECK(view.error().status == daemon_not_reachable);
}
