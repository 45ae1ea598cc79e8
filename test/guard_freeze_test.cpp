// SPDX-License-Identifier: LGPL-2.1-or-later

/// Whoever is frozen for a while may go on before it is over: nobody else is to pay for that.

#include "act/frozen.hpp"
#include "guard.hpp"
#include "guard_scene.hpp"
#include "native/world.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

Rule rule(const char* name, Action action) {
    Rule rule{.name = name};
    rule.when.memory_available = AmountLimit{.share = Permyriad{5000}};
    rule.victim.among = Among::Children;
    rule.victim.order = {Order::Size};
    rule.victim.minimum_size = Bytes{};
    rule.action = action;
    return rule;
}

/// Freezes for an hour, however little that helps.
Rule freezing() {
    Rule freezing = rule("freezing", Action::Freeze);
    freezing.freezing.longest = 1h;
    freezing.max_useless = 100;
    return freezing;
}

bool can_mark(const FakeFiles& files) {
    if (::fsetxattr(files.open().get(), "user.trial", "1", 1, 0) == 0)
        return true;
    test::skip("no user.* attributes in the folder for temporary files");
    return false;
}

/// Cgroups with one process, which stands still as soon as that is asked for.
struct Freezable : Scene {
    explicit Freezable(std::vector<Rule> rules) : Scene{std::move(rules), 1} {}

    void add(Slot slot) {
        const std::string name = "frozen" + std::to_string(slot);
        files.write(name + "/cgroup.procs", std::to_string(process.pid()) + "\n");
        files.write(name + "/cgroup.events", "populated 1\nfrozen 1\n");
        files.write(name + "/memory.current", "104857600\n");
        files.write(name + "/memory.swap.current", "0\n");
        files.write(name + "/memory.stat", "anon 104857600\nshmem 0\n");
        goes_on(slot);
        send({.kind = Request::Kind::Add,
              .slot = slot,
              .parent = 0,
              .id = CgroupId{slot + 1ULL},
              .dir = files.open(name).release()});
    }

    /// Its owner wants so, and tells nobody.
    void goes_on(Slot slot) const {
        files.write("frozen" + std::to_string(slot) + "/cgroup.freeze", "0\n");
    }

    auto freezes() const {
        return count([](const Event& event) {
            return event.kind == EventKind::Acted && event.means == Action::Freeze;
        });
    }

    /// So does every owner, as soon as somebody of his is frozen.
    void all_go_on() {
        for (; seen < told.size(); ++seen)
            if (told[seen].kind == EventKind::Acted) {
                const auto slot = static_cast<Slot>(told[seen].victim.value - 1);
                REQUIRE(is_frozen(slot));
                goes_on(slot);
            }
    }

    /// It is told before it is done.
    bool is_frozen(Slot slot) const {
        const Fd dir = files.open("frozen" + std::to_string(slot));
        return test::eventually([&] {
            const Result<FrozenState> state = read_frozen(dir.get());
            return state && state->asked;
        });
    }

    bool is_stuck(std::uint32_t rule) {
        take();
        return count([&](const Event& event) {
                   return event.kind == EventKind::Stuck && event.rule == rule;
               }) > 0;
    }

    test::Child process{[] {}};
    std::size_t seen = 0;
};

/// Threads of ours with this name.
auto threads(const std::string& name) {
    return std::ranges::count_if(
        std::filesystem::directory_iterator{"/proc/self/task"},
        [&](const auto& task) { return test::read_file(task.path() / "comm") == name + '\n'; });
}

} // namespace

TEST_CASE("who thaws himself is not frozen again before his time is over") {
    Freezable scene{{freezing()}};
    if (!can_mark(scene.files))
        return;
    scene.add(1);
    REQUIRE(scene.until([&] {
        scene.all_go_on();
        return scene.is_stuck(0) || scene.freezes() > 1;
    }));
    CHECK(scene.freezes() == 1);
}

TEST_CASE("who is thawed by an order is not frozen again before his time is over") {
    Freezable scene{{freezing()}};
    if (!can_mark(scene.files))
        return;
    scene.add(1);
    REQUIRE(scene.until([&] {
        scene.take();
        return scene.freezes() == 1;
    }));
    REQUIRE(scene.is_frozen(1));
    REQUIRE(thaw(scene.files.open("frozen1")));
    scene.send({.kind = Request::Kind::Thawed, .id = CgroupId{2}});
    REQUIRE(scene.until([&] { return scene.is_stuck(0) || scene.freezes() > 1; }));
    CHECK(scene.freezes() == 1);
}

TEST_CASE("whoever has many cgroups frozen and thaws them holds up no kill for long") {
    constexpr Slot many = 20;
    Rule killing = rule("killing", Action::Kill);
    // Longer than one freeze is measured, far shorter than all of them.
    killing.when.lasting = 2s;
    killing.victim.minimum_size = mib(1 << 30); // That it finds nobody is what it tells.
    Freezable scene{{freezing(), killing}};
    if (!can_mark(scene.files))
        return;
    for (Slot slot = 1; slot <= many; ++slot)
        scene.add(slot);
    REQUIRE(scene.until([&] {
        scene.all_go_on();
        return scene.is_stuck(1) || scene.freezes() == many;
    }));
    CHECK(scene.freezes() > 1);
    CHECK(scene.freezes() < many);
}

TEST_CASE("many that are frozen for a moment each hold up kills no longer than those for an hour") {
    const FakeFiles files{{{"meminfo", ""}}};
    if (!can_mark(files))
        return;
    Freezer freezer;
    REQUIRE(freezer.start(0));
    FreezeRun run{freezer};
    Rule brief = freezing();
    brief.freezing.longest = 1s;
    Table table{4};
    TimePoint now = std::chrono::steady_clock::now();
    const TimePoint last = now + 30s;
    for (Slot slot = 0; slot < 4; ++slot, now += 10s) {
        const std::string name = std::to_string(slot);
        files.write(name + "/cgroup.freeze", "0\n");
        files.write(name + "/cgroup.events", "populated 1\nfrozen 1\n");
        files.write(name + "/memory.current", "0\n");
        table.add(slot, CgroupId{slot + 1ULL}, no_slot, files.open(name).release(), {});
        CHECK(run.excuses(now));
        Event event{.victim = CgroupId{slot + 1ULL}};
        REQUIRE(run.begin(table, slot, brief, {}, now, event));
        run.forget(event.victim);
        REQUIRE(test::eventually([&] { return freezer.idle(); }));
    }
    CHECK_FALSE(run.excuses(last));
    CHECK(run.excuses(last + 1min));
}

TEST_CASE("whoever thaws what reapd leaves has nobody freeze behind his back") {
    const FakeFiles files{{}};
    const Machine machine{.proc = files.open(), .cgroups = files.open()};
    Channel channel;
    REQUIRE(Channel::open(channel));
    Guard guard{channel, machine, {.max_cgroups = 8}};
    REQUIRE(guard.prepare());
    const auto left = [] { return threads("reapd-freezer") + threads("reapd-cooler"); };
    REQUIRE(test::eventually([&] { return left() == 2; }));
    guard.end();
    CHECK(test::eventually([&] { return left() == 0; }));
}

TEST_CASE("a freezer that the kernel holds up is told of once, and nobody waits for it") {
    const FakeFiles files{{{"cgroup.freeze", "0\n"},
                           {"cgroup.events", "populated 1\nfrozen 1\n"},
                           {"memory.current", "104857600\n"},
                           {"memory.min", "0\n"},
                           {"memory.low", "0\n"}}};
    if (!can_mark(files))
        return;
    const Fd dir = files.open();
    // Who opens it for writing waits for somebody who reads.
    REQUIRE(::mkfifoat(dir.get(), "memory.reclaim", 0600) == 0);
    Table table{1};
    table.add(0, CgroupId{1}, no_slot, files.open().release(), {});
    {
        Freezer freezer;
        REQUIRE(freezer.start(0));
        FreezeRun run{freezer};
        Event event{.victim = CgroupId{1}};
        const TimePoint now = std::chrono::steady_clock::now();
        REQUIRE(run.begin(table, 0, freezing(), {}, now, event));
        REQUIRE(test::eventually([&] { return freezer.progress().still; }));
        CHECK_FALSE(run.is_held_up(now + 59s, event));
        CHECK(run.next_step() <= now + 60s);
        REQUIRE(run.is_held_up(now + 60s, event));
        CHECK(event.kind == EventKind::HeldUp);
        CHECK(event.victim == CgroupId{1});
        CHECK_FALSE(run.is_held_up(now + 1h, event));
    }
    // It was in the middle of it, and has been left behind: it goes on now.
    const Fd request{::openat(dir.get(), "memory.reclaim", O_RDONLY | O_CLOEXEC)};
    char first = 0;
    CHECK(::read(request.get(), &first, 1) == 1);
}
