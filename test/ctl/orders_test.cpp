// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/orders.hpp"

#include "ctl/explain.hpp"
#include "tell/peers.hpp"

#include <thread>

using namespace reapd;
using nlohmann::json;

namespace {

/// A daemon that does as it is told, remembers it, and refuses "/init.scope". Of all cgroups it
/// knows how to explain "/a\x2db.swap", as it is called there.
class Daemon {
public:
    Daemon() {
        sd_bus_slot* slot = nullptr;
        REQUIRE(sd_bus_add_object_vtable(peers_.server.get(), &slot, reapd_path, reapd_interface,
                                         vtable, this) >= 0);
        slot_.reset(slot);
        peers_.pump();
        server_ = std::jthread{[this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                while (sd_bus_process(peers_.server.get(), nullptr) > 0) {
                }
                (void)sd_bus_wait(peers_.server.get(), 10'000); // to see the stop
            }
        }};
    }

    Service service() const { return {.bus = peers_.client.get(), .name = nullptr}; }
    /// After it, nothing is asked any more.
    const std::string& heard() {
        server_ = {};
        return heard_;
    }

private:
    static int hear(sd_bus_message* call, void* self, sd_bus_error* error) noexcept {
        const char* cgroup = "";
        const char* reason = "";
        const bool kill = sd_bus_message_is_method_call(call, nullptr, "Kill") > 0;
        if (sd_bus_message_read(call, "s", &cgroup) < 0 ||
            (kill && (sd_bus_message_read(call, "s", &reason) < 0 ||
                      sd_bus_message_skip(call, "a{sv}") < 0)))
            return -EINVAL;
        if (std::string_view{cgroup} == "/init.scope")
            return sd_bus_error_set(error, "org.reapd1.Error.Protected", "It is essential.");
        if (std::string_view{cgroup} == "/foreign")
            return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "No.");
        static_cast<Daemon*>(self)->heard_ +=
            std::string{sd_bus_message_get_member(call)} + " " + cgroup + " " + reason + "\n";
        return kill ? sd_bus_reply_method_return(call, "t", std::uint64_t{17})
                    : sd_bus_reply_method_return(call, "");
    }

    static int explain(sd_bus_message* call, void*, sd_bus_error* error) noexcept {
        const char* cgroup = "";
        if (sd_bus_message_read(call, "s", &cgroup) < 0)
            return -EINVAL;
        if (std::string_view{cgroup} != R"(/a\x5cx2db.swap)")
            return sd_bus_error_set(error, "org.reapd1.Error.NoSuchControlGroup", "No.");
        return sd_bus_reply_method_return(call, "a{sv}", 0);
    }

    static int events(sd_bus_message* call, void*, sd_bus_error*) noexcept {
        return sd_bus_reply_method_return(call, "aa{sv}", 3, 2, "Id", "t", std::uint64_t{16},
                                          "Action", "s", "dry-run", 1, "Kind", "s", "stuck", 2,
                                          "Id", "t", std::uint64_t{17}, "Action", "s", "kill");
    }

    static int list(sd_bus_message* call, void*, sd_bus_error*) noexcept {
        return sd_bus_reply_method_return(call, "aa{sv}", 1, 2, "ControlGroup", "s", "/a",
                                          "GrowthBytes", "x", std::int64_t{-5});
    }

    static constexpr sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Kill", "ssa{sv}", "t", hear, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Freeze", "s", "", hear, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Thaw", "s", "", hear, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Explain", "s", "a{sv}", explain, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ListEvents", "tu", "aa{sv}", events, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("ListCandidates", "s", "aa{sv}", list, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };

    Peers peers_{};
    sd::BusSlot slot_{};
    std::string heard_{};
    std::jthread server_{};
};

} // namespace

TEST_CASE("orders reach the daemon with their cgroup and reason") {
    Daemon daemon;
    CHECK(order_kill(daemon.service(), "/a", "too large") == 17);
    CHECK(order(daemon.service(), "Freeze", "/b"));
    CHECK(order(daemon.service(), "Thaw", "/b"));
    CHECK(daemon.heard() == "Kill /a too large\nFreeze /b \nThaw /b \n");
}

TEST_CASE("a refusal is the daemon's sentence; without permission the status is 77") {
    Daemon daemon;
    const auto killed = order_kill(daemon.service(), "/init.scope", "");
    REQUIRE_FALSE(killed);
    CHECK(killed.error().text == "reapd answers: It is essential.");
    CHECK(killed.error().status == 1);
    const auto frozen = order(daemon.service(), "Freeze", "/foreign");
    REQUIRE_FALSE(frozen);
    CHECK(frozen.error().status == not_permitted);
}

TEST_CASE("what became of an order its own event says") {
    Daemon daemon;
    CHECK(was_dry_run(daemon.service(), 16));
    CHECK_FALSE(was_dry_run(daemon.service(), 17));
    CHECK_FALSE(was_dry_run(daemon.service(), 18));
}

TEST_CASE("what an older daemon does not know is said to be so") {
    Daemon daemon;
    const auto thought = order(daemon.service(), "Think", "/a");
    REQUIRE_FALSE(thought);
    CHECK(thought.error().text.find("older than this reapctl") != std::string::npos);
}

TEST_CASE("who gives a name without its path is told how cgroups are named") {
    const Failure refusal{.text = "reapd answers: There is no such cgroup."};
    CHECK(with_advice(refusal, "a.service").text ==
          refusal.text +
              " A cgroup is named by its path, beginning with /, as /system.slice/a.service.");
    CHECK(with_advice(refusal, "/a.service").text == refusal.text);
    CHECK(with_advice({.status = not_permitted, .text = "No."}, "a.service").text == "No.");
}

TEST_CASE("candidates come with exact numbers") {
    Daemon daemon;
    const auto rows = ask_candidates(daemon.service(), "10-machine");
    REQUIRE(rows);
    CHECK(*rows == json::parse(R"([{"ControlGroup": "/a", "GrowthBytes": -5}])"));
}

TEST_CASE("a cgroup may be given with or without its first slash, and as tables show it") {
    const auto exists = [](const std::string& path) { return path == R"(/a\x2db.swap)"; };
    CHECK(cgroup_argument("system.slice/a", exists) == "/system.slice/a");
    CHECK(cgroup_argument("/a", exists) == "/a");
    CHECK(cgroup_argument("/", exists) == "/");
    CHECK(cgroup_argument(R"(a\x2db.swap)", exists) == R"(/a\x5cx2db.swap)");
    CHECK(cgroup_argument(R"(/a\x5cx2db.swap)", exists) == R"(/a\x5cx2db.swap)");
    CHECK(cgroup_argument("system.slice/a/", exists) == "/system.slice/a");
    CHECK(cgroup_argument("//", exists) == "/");
    CHECK(cgroup_argument("/\xff", exists) == R"(/\xff)");
}

TEST_CASE("what there is in a container its own daemon is asked") {
    Daemon daemon;
    const Exists exists = cgroup_exists(daemon.service(), {.machine = "box"});
    CHECK(exists(R"(/a\x2db.swap)"));
    CHECK_FALSE(exists("/a-b.swap"));
    CHECK(cgroup_argument(R"(/a\x2db.swap)", exists) == R"(/a\x5cx2db.swap)");
    CHECK(cgroup_argument(R"(/\xff)", exists) == R"(/\xff)");
}
