// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/unit_properties.hpp"

#include "fake_manager.hpp"
#include "tree.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

sd::Event new_loop() {
    sd_event* loop = nullptr;
    REQUIRE(sd_event_new(&loop) >= 0);
    return sd::Event{loop};
}

struct Scene {
    /// Runs the loop until neither a message nor a file has anything to tell.
    void settle() {
        while (sd_event_run(loop.get(), 0) > 0) {
        }
    }

    /// Runs the loop until `holds`; what is waited for takes some ms, the rest is patience.
    bool until(const std::function<bool()>& holds) {
        for (int i = 0; i < 100 && !holds(); ++i)
            if (sd_event_run(loop.get(), 100'000) < 0)
                return false;
        return holds();
    }

    void follow() {
        properties.follow(manager.bus());
        settle();
    }

    /// Ends what was begun and forgets what it has changed.
    void rest() {
        settle();
        (void)until([this] { return changes > 0; });
        changes = 0;
    }

    bool knows(const std::string& path) const { return properties.units().contains(path); }

    UnitSays at(const std::string& path) const {
        const auto found = properties.units().find(path);
        REQUIRE(found != properties.units().end());
        return found->second;
    }

    sd::Event loop = new_loop();
    Tree tree{directory("etc/systemd"), directory("run/systemd")};
    FakeManager manager{loop.get()};
    int changes = 0;
    UnitProperties properties{loop.get(), [this] { ++changes; }, tree.root()};
};

const UnitValues kill_at_half{.pressure = "kill", .limit = 0x7fffffff};

} // namespace

TEST_CASE("what the active units say is known soon, by cgroup") {
    Scene scene;
    scene.manager.add("-.slice", {.swap = "kill"});
    scene.manager.add("a.slice", {.pressure = "kill", .limit = 0x7fffffff, .duration = 3'000'000});
    scene.manager.add(
        "b.service",
        {.preference = "omit", .control_group = "/system.slice/b.service", .rules = {"testrule"}});
    scene.manager.add("c\\x2dd@1.scope");
    scene.manager.add("e.mount", {.swap = "kill"});
    scene.follow();
    CHECK(scene.properties.units() ==
          UnitsByPath{
              {"", {.unit = {.swap = true}}},
              {"a.slice",
               {.unit = {.pressure = true, .limit = Permyriad{5000}, .duration = 3'000'000us}}},
              {"c\\x2dd@1.scope", {}},
              {"system.slice/b.service", {.unit = {.rules = {"testrule"}}, .wish = Wish::Omit}},
          });
    CHECK(scene.until([&] { return scene.changes > 0; }));
    scene.settle();
    CHECK(scene.manager.lists == 1);
    CHECK_FALSE(scene.properties.problem());
}

TEST_CASE("an old manager is not asked for ever for what it does not know") {
    Scene scene;
    scene.manager.old = true;
    for (int i = 0; i < 200; ++i)
        scene.manager.add("kill" + std::to_string(i) + ".service", kill_at_half);
    scene.follow();
    CHECK(scene.properties.units().size() == 200);
    CHECK(scene.at("kill7.service").unit.limit == Permyriad{5000});
    CHECK(scene.manager.gets("ManagedOOMSwap") == 200);
    CHECK(scene.manager.gets("OOMRules") < 20);
    CHECK(scene.manager.gets("ManagedOOMMemoryPressureDurationUSec") < 40);
}

TEST_CASE("of units that do not ask for it, limits are not asked") {
    Scene scene;
    scene.manager.add("a.service");
    scene.manager.add("b.service", {.swap = "kill"});
    scene.follow();
    CHECK(scene.manager.gets("ManagedOOMMemoryPressureLimit") == 0);
    CHECK(scene.manager.gets("ManagedOOMMemoryPressureDurationUSec") == 0);
}

TEST_CASE("not more questions wait for an answer than a bus allows") {
    Scene scene;
    for (int i = 0; i < 200; ++i)
        scene.manager.add(std::to_string(i) + ".service");
    scene.manager.hold = true;
    scene.follow();
    CHECK(scene.manager.held.size() > 30);
    CHECK(scene.manager.held.size() <= 64);
    scene.manager.release();
    scene.settle();
    CHECK(scene.properties.units().size() == 200);
}

TEST_CASE("a unit comes with its start and goes with its end") {
    Scene scene;
    scene.follow();
    scene.manager.start_unit("a.service", kill_at_half);
    scene.settle();
    CHECK(scene.at("a.service").unit.pressure);
    CHECK(scene.manager.gets("ManagedOOMSwap") == 1);
    CHECK(scene.until([&] { return scene.changes == 1; }));

    scene.manager.stop_unit("a.service");
    scene.settle();
    CHECK(scene.properties.units().empty());
    CHECK(scene.until([&] { return scene.changes == 2; }));
}

TEST_CASE("a unit that fails or is only unloaded goes as well") {
    Scene scene;
    scene.manager.add("a.service", kill_at_half);
    scene.manager.add("b.service", kill_at_half);
    scene.follow();
    scene.manager.units["a.service"].active = "failed";
    scene.manager.tell_unit("a.service");
    scene.manager.units.erase("b.service");
    scene.manager.tell_removed("b.service");
    scene.settle();
    CHECK(scene.properties.units().empty());
}

TEST_CASE("the manager is never made to load a unit") {
    Scene scene;
    scene.manager.add("a.service", kill_at_half);
    scene.follow();
    const int before = scene.manager.gets();
    scene.manager.stop_unit("a.service");
    for (int i = 0; i < 10; ++i) { // Somebody else makes it load the unit.
        scene.manager.tell_unit("a.service");
        scene.manager.tell_removed("a.service");
    }
    scene.tree.add({"run/systemd/system.control/a.service.d/50-a.conf", ""});
    scene.tree.add({"run/systemd/system.control/never.service.d/50-a.conf", ""});
    scene.manager.start_unit("b.service", kill_at_half);
    CHECK(scene.until([&] { return scene.changes > 0 && scene.knows("b.service"); }));
    scene.settle();
    CHECK(scene.manager.loaded_by_get == 0);
    CHECK(scene.manager.gets() - before == 7);
}

TEST_CASE("a storm of one unit's changes costs a few reads") {
    Scene scene;
    scene.follow();
    scene.manager.hold = true;
    scene.manager.start_unit("a.service", kill_at_half);
    scene.settle();
    for (int i = 0; i < 1000; ++i) {
        scene.manager.stop_unit("a.service");
        scene.manager.start_unit("a.service", kill_at_half);
    }
    scene.settle();
    scene.manager.release();
    scene.settle();
    CHECK(scene.manager.gets("ManagedOOMSwap") == 2);
    CHECK(scene.at("a.service").unit.pressure);
}

TEST_CASE("a unit that says nothing starts and ends without a word") {
    Scene scene;
    scene.manager.add("loud.slice", kill_at_half);
    scene.follow();
    scene.rest();
    scene.manager.start_unit("a.service");
    scene.settle();
    CHECK(scene.knows("a.service"));
    scene.manager.stop_unit("a.service");
    scene.settle();
    CHECK_FALSE(scene.knows("a.service"));
    scene.manager.start_unit("b.service", kill_at_half);
    CHECK(scene.until([&] { return scene.changes > 0; }));
    CHECK(scene.changes == 1);
}

TEST_CASE("that no unit says anything is told when all have been read") {
    Scene scene;
    scene.manager.add("a.service");
    scene.follow();
    CHECK(scene.until([&] { return scene.changes > 0; }));
    CHECK(scene.changes == 1);
}

TEST_CASE("a reload is not heard unit by unit; then each is read once") {
    Scene scene;
    scene.manager.add("a.service", kill_at_half);
    scene.manager.add("b.service", kill_at_half);
    scene.follow();
    scene.rest();
    const int before = scene.manager.gets("ManagedOOMSwap");

    scene.manager.tell_reloading(true);
    for (const char* name : {"a.service", "b.service"})
        scene.manager.tell_removed(name);
    scene.settle();
    CHECK(scene.properties.units().size() == 2);
    scene.manager.units["a.service"].values.preference = "avoid";
    scene.manager.units.erase("b.service");
    scene.manager.tell_unit("a.service");
    scene.manager.tell_reloading(false);
    scene.settle();
    CHECK(scene.manager.lists == 2);
    CHECK(scene.manager.gets("ManagedOOMSwap") - before == 1);
    CHECK(scene.at("a.service").wish == Wish::Avoid);
    CHECK(scene.properties.units().size() == 1);
    CHECK(scene.until([&] { return scene.changes > 0; }));
}

TEST_CASE("a reload that changes nothing is not told") {
    Scene scene;
    scene.manager.add("a.service", kill_at_half);
    scene.manager.add("b.service");
    scene.follow();
    scene.rest();
    scene.manager.tell_reloading(true);
    scene.manager.tell_reloading(false);
    scene.settle();
    CHECK(scene.manager.lists == 2);
    scene.manager.start_unit("c.service", kill_at_half);
    CHECK(scene.until([&] { return scene.changes > 0; }));
    CHECK(scene.changes == 1);
}

TEST_CASE("after daemon-reexec the new manager is asked, and the old one not heard") {
    Scene scene;
    scene.manager.add("a.service", kill_at_half);
    scene.follow();
    scene.manager.tell_reloading(true);
    scene.manager.tell_owner(":1.5");
    scene.manager.add("b.service", kill_at_half);
    scene.settle();
    CHECK(scene.properties.units().size() == 2);
    scene.manager.tell_removed("a.service"); // from :1.0
    scene.settle();
    CHECK(scene.properties.units().size() == 2);
    scene.manager.sender = ":1.5";
    scene.manager.tell_reloading(false);
    scene.manager.stop_unit("a.service");
    scene.settle();
    CHECK(scene.properties.units().size() == 1);
}

TEST_CASE("signals that somebody else sends in the manager's name are not believed") {
    Scene scene;
    scene.manager.add("a.service", kill_at_half);
    scene.follow();
    const int before = scene.manager.gets();
    scene.manager.sender = ":1.66";
    scene.manager.tell_removed("a.service");
    scene.manager.tell_reloading(true);
    scene.manager.tell_reloading(false);
    scene.manager.units["a.service"].active = "inactive";
    scene.manager.tell_unit("a.service");
    scene.settle();
    CHECK(scene.knows("a.service"));
    CHECK(scene.manager.lists == 1);
    CHECK(scene.manager.gets() == before);
}

TEST_CASE("a manager that comes to the bus later is followed then") {
    Scene scene;
    scene.manager.owner.clear();
    scene.manager.add("a.service", kill_at_half);
    scene.follow();
    CHECK(scene.manager.lists == 0);
    scene.manager.tell_owner(":1.0");
    scene.settle();
    CHECK(scene.knows("a.service"));
}

TEST_CASE("what set-property writes is read from the unit that runs") {
    Scene scene;
    scene.manager.add("a.service");
    scene.manager.add("b.slice", kill_at_half);
    scene.follow();
    scene.rest();
    scene.manager.units["a.service"].values.preference = "omit";
    scene.tree.add({"run/systemd/system.control/a.service.d/50-ManagedOOMPreference.conf", ""});
    CHECK(scene.until([&] { return scene.changes > 0; }));
    CHECK(scene.at("a.service").wish == Wish::Omit);

    scene.manager.units["b.slice"].values.pressure = "auto";
    const int before = scene.manager.gets("ManagedOOMSwap");
    for (const char* file : {"50-ManagedOOMMemoryPressure.conf", "50-MemoryHigh.conf"})
        scene.tree.add({std::string{"etc/systemd/system.control/b.slice.d/"} + file, ""});
    CHECK(scene.until([&] { return scene.changes > 1; }));
    CHECK(scene.at("b.slice") == UnitSays{});
    CHECK(scene.manager.gets("ManagedOOMSwap") - before == 1);
    CHECK(scene.manager.lists == 1);
}

TEST_CASE("what is known stays when the bus goes, and is compared when it is back") {
    Scene scene;
    scene.manager.add("a.service", kill_at_half);
    scene.manager.add("b.service", kill_at_half);
    scene.follow();
    scene.rest();
    scene.manager.hold = true;
    scene.manager.start_unit("c.service", kill_at_half);
    scene.settle();
    scene.properties.lose();
    scene.manager.release();
    scene.settle();
    CHECK(scene.properties.units().size() == 2);

    FakeManager other{scene.loop.get()};
    other.owner = other.sender = ":1.9";
    other.add("a.service", kill_at_half);
    other.add("d.service", kill_at_half);
    scene.properties.follow(other.bus());
    scene.settle();
    CHECK(scene.knows("a.service"));
    CHECK(scene.knows("d.service"));
    CHECK(scene.properties.units().size() == 2);
    CHECK(scene.until([&] { return scene.changes > 0; }));
    scene.properties.lose();
}

TEST_CASE("a bus that refuses matches keeps its connection") {
    Scene scene;
    scene.manager.refuse_matches = true;
    scene.manager.add("a.service", kill_at_half);
    scene.follow();
    CHECK(sd_bus_is_ready(scene.manager.bus()) > 0);
    CHECK(scene.knows("a.service"));
}

TEST_CASE("answers of another type than expected say nothing of the unit") {
    Scene scene;
    scene.manager.add("a.service", kill_at_half);
    scene.follow();
    scene.manager.wrong_types = true;
    scene.manager.start_unit("b.service", kill_at_half);
    scene.settle();
    CHECK(scene.knows("a.service"));
    CHECK_FALSE(scene.knows("b.service"));
}

TEST_CASE("a unit without a cgroup is nowhere") {
    Scene scene;
    scene.manager.add("a.service", kill_at_half);
    scene.manager.units["a.service"].values.control_group.clear();
    scene.follow();
    CHECK(scene.properties.units().empty());
}
