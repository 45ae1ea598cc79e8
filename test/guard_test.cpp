// SPDX-License-Identifier: LGPL-2.1-or-later

/// What the guard tells while nobody listens: its thread runs here, on files that are made here.

#include "guard.hpp"

#include "guard_scene.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

/// About amounts alone.
Rule rule(Microseconds lasting) {
    Rule rule{.name = "r"};
    rule.when.memory_available = AmountLimit{.share = Permyriad{5000}};
    rule.when.lasting = lasting;
    rule.victim.among = Among::Children;
    return rule;
}

/// One rule, which watches so many and finds nobody to kill.
struct Crowd : Scene {
    explicit Crowd(Slot watched = crowd, Microseconds lasting = {})
        : Scene{{rule(lasting)}, watched} {}
};

/// A cgroup with one process, which people order to be killed again and again. Not one of those
/// that the scene watches, but below the first of them.
struct Doomed {
    explicit Doomed(Scene& in) : scene{in}, process{::fork()} {
        if (process == 0)
            for (;;)
                ::pause();
        holds(Bytes{});
        scene.files.write("doomed/cgroup.procs", std::to_string(process) + "\n");
        scene.files.write("doomed/cgroup.events", "populated 0\n");
        scene.send({.kind = Request::Kind::Add,
                    .slot = slot,
                    .parent = 0,
                    .id = CgroupId{slot + 1ULL},
                    .dir = scene.files.open("doomed").release()});
    }
    ~Doomed() {
        ::kill(process, SIGKILL);
        ::waitpid(process, nullptr, 0);
    }
    Doomed(const Doomed&) = delete;
    Doomed& operator=(const Doomed&) = delete;

    void holds(Bytes memory) const {
        const std::string bytes = std::to_string(memory.value) + "\n";
        const Bytes current = memory + page_cache;
        scene.files.write("doomed/memory.current", std::to_string(current.value) + "\n");
        scene.files.write("doomed/memory.swap.current", "0\n");
        scene.files.write("doomed/memory.stat", "anon " + bytes + "shmem 0\n");
    }

    /// One kill from the order to its end; gives so much back.
    bool dies(Bytes memory) {
        holds(memory);
        scene.send({.kind = Request::Kind::Kill,
                    .slot = slot,
                    .id = CgroupId{slot + 1ULL},
                    .order = ++orders});
        const auto heard = [&](EventKind kind) {
            return scene.until([&] {
                scene.take();
                return scene.count([&](const Event& event) {
                    return event.kind == kind && event.order == orders;
                }) > 0;
            });
        };
        if (!heard(EventKind::Acted))
            return false;
        holds(Bytes{});
        return heard(EventKind::Completed);
    }

    static constexpr Slot slot = crowd;
    static constexpr Bytes page_cache = mib(300);
    Scene& scene;
    pid_t process;
    std::uint64_t orders = 0;
};

/// Pressure at the machine, and what the kernel rings for it.
struct Alarm {
    Alarm(Scene& scene, std::uint8_t rule) {
        epoll_event event{
            .events = EPOLLIN | EPOLLET,
            .data = {.u64 = TriggerTag{.slot = 0, .rule = rule, .full = false}.packed()}};
        REQUIRE(::epoll_ctl(scene.guard.epoll(), EPOLL_CTL_ADD, bell.get(), &event) == 0);
    }
    void rings() const { REQUIRE(::eventfd_write(bell.get(), 1) == 0); }

    Fd bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

Rule under_pressure(const char* name, Action action) {
    Rule rule{.name = name, .action = action};
    rule.when.pressure_some = PressureLimit{.share = {500}, .window = 10s};
    rule.when.memory_available = AmountLimit{.share = Permyriad{2500}};
    return rule;
}

std::string meminfo(int available_kib) {
    return "MemTotal: 4194304 kB\nMemAvailable: " + std::to_string(available_kib) +
           " kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n";
}

auto is_stuck(const Event& event) { return event.kind == EventKind::Stuck; }

} // namespace

TEST_CASE("who orders a kill is answered, however much else happens in the same moment") {
    Crowd scene;
    REQUIRE(scene.until([&] { return scene.channel.armed == crowd; }));
    REQUIRE(scene.until([&] { return scene.channel.stuck == crowd; }));
    scene.send({.kind = Request::Kind::Kill, .slot = 1, .id = CgroupId{2}, .order = 7});
    REQUIRE(scene.until([&] {
        scene.take();
        return scene.count([](const Event& event) { return event.order == 7; }) > 0;
    }));
}

TEST_CASE("nobody's stuck rule is kept secret because others are stuck in the same moment") {
    Crowd scene;
    REQUIRE(scene.until([&] { return scene.channel.stuck == crowd; }));
    CHECK(scene.until([&] {
        scene.take();
        return scene.count(is_stuck) == crowd;
    }));
}

TEST_CASE("who heard that a limit was crossed hears of its end, even if nobody listened then") {
    Crowd scene{crowd, 1h}; // It does not come to a choice of victims.
    const auto crossed = [&](bool above) {
        scene.take();
        return scene.count([&](const Event& event) {
            return event.kind == EventKind::Crossed && event.above == above;
        });
    };
    REQUIRE(scene.until([&] { return crossed(true) == crowd; }));
    scene.files.write("meminfo", "MemTotal: 4194304 kB\nMemAvailable: 4194304 kB\n"
                                 "SwapTotal: 0 kB\nSwapFree: 0 kB\n");
    REQUIRE(scene.until([&] { return scene.channel.armed == 0; }));
    CHECK(scene.until([&] { return crossed(false) == crowd; }));
}

TEST_CASE("kills that people order hold up no rule if they free next to nothing") {
    Crowd scene{1, 1s};
    REQUIRE(scene.until([&] { return scene.channel.armed == 1; }));
    Doomed doomed{scene};
    for (int i = 0; i < 10 && scene.count(is_stuck) == 0; ++i)
        REQUIRE(doomed.dies(Bytes{}));
    CHECK(scene.count(is_stuck) == 1); // Its second of waiting is over.
}

TEST_CASE("who is killed by order gives back what is his own, and no page cache") {
    Crowd scene{1, 1h};
    Doomed doomed{scene};
    REQUIRE(doomed.dies(mib(100)));
    const auto kill = std::ranges::find(scene.told, EventKind::Acted, &Event::kind);
    REQUIRE(kill != scene.told.end());
    CHECK(kill->promise == mib(100));
    REQUIRE(kill->ranking_used == 1);
    CHECK(kill->ranking[0].promise == mib(100));
    CHECK(kill->ranking[0].current == mib(400));
}

TEST_CASE("after a kill that freed much a rule waits anew, be it that a person ordered it") {
    Crowd scene{1, 1s};
    REQUIRE(scene.until([&] { return scene.channel.armed == 1; }));
    Doomed doomed{scene};
    for (int i = 0; i < 4; ++i)
        REQUIRE(doomed.dies(mib(100)));
    CHECK(scene.count(is_stuck) == 0);
}

TEST_CASE("pressure wakes no rule that cools while far more memory is left than it asks for") {
    constexpr std::uint8_t cooling = 0;
    constexpr std::uint8_t killing = 1;
    Scene scene{{under_pressure("c", Action::Hint), under_pressure("k", Action::Kill)}, 1};
    scene.files.write("pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"
                                         "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
    const auto armed = [&](std::uint32_t rule) {
        scene.take();
        return scene.count([&](const Event& event) {
            return event.kind == EventKind::Armed && event.rule == rule;
        });
    };
    scene.files.write("meminfo", meminfo(2097152));
    const Alarm for_cooling{scene, cooling};
    const Alarm for_killing{scene, killing};
    scene.send({.kind = Request::Kind::Kill, .slot = 1, .id = CgroupId{2}, .order = 7});
    REQUIRE(scene.until([&] { // Then it knows the rules, too.
        scene.take();
        return scene.count([](const Event& event) { return event.order == 7; }) == 1;
    }));
    for_cooling.rings();
    for_killing.rings();
    REQUIRE(scene.until([&] { return armed(killing) == 1; }));
    CHECK(armed(cooling) == 0);
    scene.files.write("meminfo", meminfo(2097151));
    for_cooling.rings();
    CHECK(scene.until([&] { return armed(cooling) == 1; }));
}
