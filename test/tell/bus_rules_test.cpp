// SPDX-License-Identifier: LGPL-2.1-or-later
#include "peers.hpp"
#include "tell/bus.hpp"

#include <cmath>
#include <map>
#include <string>
#include <vector>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr const char* interface = "org.reapd1.Rule";
constexpr const char* machine = "/org/reapd1/rule/_310_2dmachine";

Rule full_rule() {
    Rule rule{.name = "10-machine", .file = "/etc/reapd/rules.d/10-machine.rule"};
    rule.description = "bad \xff byte";
    rule.watch = {"/", "\xff*"};
    rule.claimed = {{.path = "a.slice", .owner = 1000}};
    rule.when.pressure_full = PressureLimit{.share = {4000}, .window = 2s};
    rule.when.memory_available =
        AmountLimit{.side = AmountLimit::Side::Below, .share = Permyriad{1000}};
    rule.when.memory_growth = mib(100);
    rule.when.refaults = 1000;
    rule.when.lasting = 90s;
    rule.victim.users = {1000, 1001};
    return rule;
}

/// What a client hears of the object manager and of properties: "Member path: names".
int note(sd_bus_message* signal, void* userdata, sd_bus_error*) noexcept {
    std::string text = sd_bus_message_get_member(signal);
    const char* path = sd_bus_message_get_path(signal);
    if (text.starts_with("Interfaces"))
        sd_bus_message_read(signal, "o", &path);
    static_cast<std::vector<std::string>*>(userdata)->push_back(text + " " + path);
    return 0;
}

struct Scene {
    explicit Scene(std::vector<Rule> rules = {full_rule()}) {
        set(std::move(rules));
        REQUIRE(face.offer(peers.server.get()).has_value());
        sd_bus_slot* slot = nullptr;
        REQUIRE(sd_bus_add_match(peers.client.get(), &slot, "type='signal'", note, &heard) >= 0);
        match.reset(slot);
        peers.pump();
    }

    void set(std::vector<Rule> rules) {
        Policy policy;
        policy.rules = std::move(rules);
        status.policy = std::make_shared<const Policy>(policy);
    }

    /// Other rules come into force.
    void change_to(std::vector<Rule> rules) {
        set(std::move(rules));
        face.rules_changed();
        peers.pump();
    }

    sd::BusMessage get(const char* path, const char* name) const {
        auto call = peers.call(path, "org.freedesktop.DBus.Properties", "Get");
        REQUIRE(sd_bus_message_append(call.get(), "ss", interface, name) >= 0);
        return peers.ask(std::move(call));
    }

    template <class T>
    T number(const char* name, const char* type) const {
        T value{};
        REQUIRE(sd_bus_message_read(get(machine, name).get(), "v", type, &value) > 0);
        return value;
    }

    std::string text(const char* name) const {
        const sd::BusMessage answer = get(machine, name);
        const char* value = nullptr;
        REQUIRE(sd_bus_message_read(answer.get(), "v", "s", &value) > 0);
        return value;
    }

    Peers peers{};
    Status status{};
    Journal journal{"/nonexistent/socket"};
    std::optional<Permyriad> share = Permyriad{2500};
    BusFace face{status, journal, {.share_of_rule = [this](const Rule&) { return share; }}};
    std::vector<std::string> heard{};
    sd::BusSlot match{};
};

} // namespace

TEST_CASE("a rule's object says what its file says, in the form of the file") {
    const Scene scene;
    CHECK(scene.text("Name") == "10-machine");
    CHECK(scene.text("File") == "/etc/reapd/rules.d/10-machine.rule");
    CHECK(scene.text("Description") == "bad \\xff byte");
    CHECK(scene.text("MemoryPressureFull") == "40% 2s");
    CHECK(scene.text("MemoryPressureSome").empty());
    CHECK(scene.text("MemoryAvailable") == "<10%");
    CHECK(scene.text("MemoryGrowth") == ">100M");
    CHECK(scene.text("Refaults") == ">1000");
    CHECK(scene.text("LastingSec") == "1min 30s");
    CHECK(scene.text("Among") == "leaves");
    CHECK(scene.text("Do") == "kill");
    CHECK(scene.text("GraceSec") == "0");
    CHECK(scene.text("Release") == "yes");
    CHECK(scene.text("FreezeMaxSec") == "5min");
    CHECK(scene.text("FreezeThen") == "thaw");
    CHECK(scene.number<std::uint64_t>("MinimumSize", "t") == mib(50).value);
    CHECK(scene.number<std::uint32_t>("MaxUseless", "u") == 2);

    const char* first = nullptr;
    const char* second = nullptr;
    REQUIRE(sd_bus_message_read(scene.get(machine, "Watch").get(), "v", "as", 2, &first, &second) >
            0);
    CHECK(std::string{second} == "\\xff*");
    REQUIRE(sd_bus_message_read(scene.get(machine, "Order").get(), "v", "as", 2, &first, &second) >
            0);
    CHECK(std::string{first} + " " + second == "growth size");
    std::uint32_t user = 0;
    std::uint32_t other = 0;
    REQUIRE(sd_bus_message_read(scene.get(machine, "User").get(), "v", "au", 2, &user, &other) > 0);
    CHECK(other == 1001);
    REQUIRE(sd_bus_message_read(scene.get(machine, "Claimed").get(), "v", "a(su)", 1, &first,
                                &user) > 0);
    CHECK(std::string{first} == "/a.slice");
}

TEST_CASE("a rule's object says how it stands and what it has done") {
    Scene scene;
    CHECK(scene.number<int>("Above", "b") == 0);
    CHECK(scene.number<std::uint64_t>("ActedCount", "t") == 0);
    scene.status.rule_numbers["10-machine"] = {.above = true, .last_acted_usec = 7, .acted = 3};
    CHECK(scene.number<int>("Above", "b") == 1);
    CHECK(scene.number<std::uint64_t>("LastActed", "t") == 7);
    CHECK(scene.number<std::uint64_t>("ActedCount", "t") == 3);
    CHECK(scene.number<double>("Share", "d") == 0.25);
    scene.share = std::nullopt;
    CHECK(std::isnan(scene.number<double>("Share", "d")));
    scene.face.rule_moved("10-machine", "ActedCount");
    scene.face.rule_moved("nobody", "ActedCount");
    scene.peers.pump();
    CHECK(scene.heard == std::vector<std::string>{std::string{"PropertiesChanged "} + machine});
}

TEST_CASE("the object manager knows every rule, and nobody knows one that is not there") {
    const Scene scene{{full_rule(), {.name = "\xff rule"}}};
    const auto all = scene.peers.ask(
        scene.peers.call("/org/reapd1", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"));
    std::vector<std::string> paths;
    REQUIRE(sd_bus_message_enter_container(all.get(), 'a', "{oa{sa{sv}}}") > 0);
    while (sd_bus_message_enter_container(all.get(), 'e', "oa{sa{sv}}") > 0) {
        const char* path = nullptr;
        REQUIRE(sd_bus_message_read(all.get(), "o", &path) > 0);
        paths.emplace_back(path);
        REQUIRE(sd_bus_message_skip(all.get(), "a{sa{sv}}") > 0);
        REQUIRE(sd_bus_message_exit_container(all.get()) > 0);
    }
    CHECK(paths == std::vector<std::string>{machine, "/org/reapd1/rule/_5cxff_20rule"});
    const auto missing = scene.get("/org/reapd1/rule/other", "Name");
    CHECK(sd_bus_message_is_method_error(missing.get(), SD_BUS_ERROR_UNKNOWN_OBJECT) > 0);
}

TEST_CASE("rules come, go and change, and whoever listens hears which") {
    Scene scene;
    Rule changed = full_rule();
    changed.max_useless = 9;
    scene.change_to({changed, {.name = "new"}});
    CHECK(scene.heard == std::vector<std::string>{std::string{"PropertiesChanged "} + machine,
                                                  "InterfacesAdded /org/reapd1/rule/new"});
    scene.heard.clear();
    CHECK(scene.number<std::uint32_t>("MaxUseless", "u") == 9);
    scene.change_to({changed});
    CHECK(scene.heard == std::vector<std::string>{"InterfacesRemoved /org/reapd1/rule/new"});
    scene.heard.clear();
    scene.change_to({changed});
    CHECK(scene.heard.empty());
}
