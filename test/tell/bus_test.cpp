// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus.hpp"

#include "fake_authority.hpp"
#include "peers.hpp"
#include "tell/dump.hpp"

#include <cmath>
#include <tuple>

using namespace reapd;

namespace {

constexpr const char* path = "/org/reapd1";
constexpr const char* manager = "org.reapd1.Manager";
constexpr const char* log_path = "/org/freedesktop/LogControl1";
constexpr const char* log_control = "org.freedesktop.LogControl1";
constexpr const char* properties = "org.freedesktop.DBus.Properties";

/// A face on one end of a socket, with a status like a running daemon's.
struct Scene {
    Scene() {
        Policy policy;
        policy.config.dry_run = true;
        policy.config.essential = {"dbus.service", "\xff*"};
        policy.rules = {{.name = "10-machine"}, {.name = "\xff rule"}};
        status.policy = std::make_shared<const Policy>(policy);
        status.features = {"psi", "mrelease"};
        status.kills = 3;
        status.released_bytes = 4096;
        status.dropped_events = 5;
        status.watched = {{.rule = "10-machine", .cgroup = "/"},
                          {.rule = "x", .cgroup = "/forgot \xff to escape"}};
        const auto offered = face.offer(peers.server.get());
        REQUIRE(offered);
        peers.pump();
    }

    sd::BusMessage get(const char* interface, const char* object, const char* name) const {
        auto call = peers.call(object, properties, "Get");
        REQUIRE(sd_bus_message_append(call.get(), "ss", interface, name) >= 0);
        return peers.ask(std::move(call));
    }

    sd::BusMessage set(const char* name, const char* value) const {
        auto call = peers.call(log_path, properties, "Set");
        REQUIRE(sd_bus_message_append(call.get(), "ssv", log_control, name, "s", value) >= 0);
        return peers.ask(std::move(call));
    }

    sd::BusMessage ask(const char* member) const {
        return peers.ask(peers.call(path, manager, member));
    }

    Peers peers{};
    Status status{};
    Journal journal{"/nonexistent/socket"};
    std::string refused{};
    int reloads = 0;
    BusFace face{status,
                 journal,
                 {.reload =
                      [this](const Requester&) {
                          ++reloads;
                          return refused;
                      },
                  .dump = [this] { return dump_json(status); },
                  .pressure = [] { return std::array<double, 6>{1, 2, 3, 4, 5, 6.5}; },
                  .share_of = [](const Watched& watched) -> std::optional<Permyriad> {
                      if (watched.cgroup == "/")
                          return Permyriad{1234};
                      return std::nullopt;
                  }}};
};

std::string error_of(const sd::BusMessage& answer) {
    const sd_bus_error* const error = sd_bus_message_get_error(answer.get());
    return error ? std::string{error->name} + ": " + error->message : "no error";
}

template <class T>
T number(const sd::BusMessage& answer, const char* type) {
    T value{};
    REQUIRE(sd_bus_message_read(answer.get(), "v", type, &value) > 0);
    return value;
}

std::string text(const sd::BusMessage& answer) { return number<const char*>(answer, "s"); }

std::vector<std::string> texts(const sd::BusMessage& answer) {
    REQUIRE(sd_bus_message_enter_container(answer.get(), 'v', "as") > 0);
    REQUIRE(sd_bus_message_enter_container(answer.get(), 'a', "s") > 0);
    std::vector<std::string> found;
    const char* item = nullptr;
    while (sd_bus_message_read(answer.get(), "s", &item) > 0)
        found.emplace_back(item);
    return found;
}

} // namespace

TEST_CASE("properties show the status") {
    Scene scene;
    const auto get = [&](const char* name) { return scene.get(manager, path, name); };
    CHECK_FALSE(text(get("Version")).empty());
    CHECK(text(get("State")) == "idle");
    CHECK(number<int>(get("DryRun"), "b") == 1);
    CHECK(texts(get("Features")) == std::vector<std::string>{"psi", "mrelease"});
    CHECK(number<std::uint64_t>(get("KillCount"), "t") == 3);
    CHECK(number<std::uint64_t>(get("ReleasedBytes"), "t") == 4096);
    CHECK(number<std::uint64_t>(get("DroppedEvents"), "t") == 5);
    CHECK(number<std::uint64_t>(get("DroppedEntries"), "t") == 0);
    CHECK(number<std::uint64_t>(get("DroppedSignals"), "t") == 0);
    CHECK(texts(get("Essential")) == std::vector<std::string>{"dbus.service", "\\xff*"});
    std::array<double, 6> p{};
    REQUIRE(sd_bus_message_read(get("Pressure").get(), "v", "(dddddd)", &p[0], &p[1], &p[2], &p[3],
                                &p[4], &p[5]) > 0);
    CHECK(p == std::array<double, 6>{1, 2, 3, 4, 5, 6.5});
}

TEST_CASE("before the first load of the settings everything answers too") {
    Scene scene;
    scene.status.policy = nullptr;
    CHECK(number<int>(scene.get(manager, path, "DryRun"), "b") == 0);
    CHECK(texts(scene.get(manager, path, "Essential")).empty());
    CHECK(error_of(scene.ask("ListRules")) == "no error");
}

TEST_CASE("rules are listed with the path that stays theirs") {
    Scene scene;
    const auto answer = scene.ask("ListRules");
    std::vector<std::pair<std::string, std::string>> rows;
    const char* name = nullptr;
    const char* object = nullptr;
    REQUIRE(sd_bus_message_enter_container(answer.get(), 'a', "(so)") > 0);
    while (sd_bus_message_read(answer.get(), "(so)", &name, &object) > 0)
        rows.emplace_back(name, object);
    CHECK(rows == decltype(rows){{"10-machine", "/org/reapd1/rule/_310_2dmachine"},
                                 {"\\xff rule", "/org/reapd1/rule/_5cxff_20rule"}});
}

TEST_CASE("watched cgroups are listed with their pressure, and NaN where it is unknown") {
    Scene scene;
    const auto answer = scene.ask("ListWatched");
    std::vector<std::tuple<std::string, std::string, double>> rows;
    const char* rule = nullptr;
    const char* object = nullptr;
    const char* cgroup = nullptr;
    double share = 0;
    REQUIRE(sd_bus_message_enter_container(answer.get(), 'a', "(sosd)") > 0);
    while (sd_bus_message_read(answer.get(), "(sosd)", &rule, &object, &cgroup, &share) > 0)
        rows.emplace_back(rule, cgroup, share);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0] == std::tuple<std::string, std::string, double>{"10-machine", "/", 0.1234});
    CHECK(std::get<1>(rows[1]) == "/forgot \\xff to escape");
    CHECK(std::isnan(std::get<2>(rows[1])));
}

TEST_CASE("a refused reload says why, an accepted one nothing") {
    Scene scene;
    const auto reload = [&] {
        auto call = scene.peers.call(path, manager, "Reload");
        REQUIRE(sd_bus_message_set_sender(call.get(), ":1.7") >= 0);
        return error_of(scene.peers.ask(std::move(call)));
    };
    FakeAuthority authority{scene.peers};
    authority.uid = 0;
    CHECK(reload() == "no error");
    scene.refused = "a.rule:3: error: bad \xff";
    CHECK(reload() == "org.reapd1.Error.BadSettings: The settings stay as they were: a.rule:3: "
                      "error: bad \\xff");
    CHECK(scene.reloads == 2);
}

TEST_CASE("the dump comes as a file in memory") {
    Scene scene;
    const auto answer = scene.ask("Dump");
    int fd = -1;
    REQUIRE(sd_bus_message_read(answer.get(), "h", &fd) > 0);
    std::string read(65536, '\0');
    const ssize_t size = ::read(fd, read.data(), read.size());
    REQUIRE(size > 0);
    read.resize(static_cast<std::size_t>(size));
    CHECK(read == dump_json(scene.status));
}

TEST_CASE("the log can be made louder and moved while reapd runs") {
    Scene scene;
    const auto get = [&](const char* name) { return text(scene.get(log_control, log_path, name)); };
    CHECK(get("SyslogIdentifier") == "reapd");
    CHECK(get("LogLevel") == "info");
    CHECK(error_of(scene.set("LogLevel", "debug")) == "no error");
    CHECK(get("LogLevel") == "debug");
    CHECK(error_of(scene.set("LogLevel", "loud")).starts_with("org.reapd1.Error.BadLogLevel"));
    CHECK(scene.journal.level() == 7);

    CHECK(error_of(scene.set("LogTarget", "console")) == "no error");
    CHECK(get("LogTarget") == "console");
    CHECK(error_of(scene.set("LogTarget", "kmsg")).starts_with("org.reapd1.Error.BadLogTarget"));
}

TEST_CASE("after the objects are withdrawn nothing answers and nothing breaks") {
    Scene scene;
    scene.face.withdraw();
    CHECK(error_of(scene.ask("ListRules")).starts_with("org.freedesktop.DBus.Error.Unknown"));
    scene.face.state_changed();
    scene.face.settings_changed();
    const auto again = scene.face.offer(scene.peers.server.get());
    REQUIRE(again);
    CHECK(error_of(scene.ask("ListRules")) == "no error");
}
