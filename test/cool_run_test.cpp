// SPDX-License-Identifier: LGPL-2.1-or-later

/// What is remembered of cgroups that were cooled. The rounds are real, the kernel's files are made
/// here.

#include "cool_run.hpp"

#include "sense/fake_files.hpp"

#include <poll.h>
#include <unistd.h>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

class Scene {
public:
    Scene() { REQUIRE(run.start(files_.open().get())); }

    /// A round on the cgroup, in and after which it reads back so much.
    void cool(CgroupId id, Bytes back, TimePoint now, std::optional<Bytes> usual_a_second = {}) {
        ToCool whom{.before = {.slot = 1, .id = id}, .unprotected = mib(1024)};
        if (usual_a_second)
            whom.before.refault_rate = pages(*usual_a_second);
        has_read_back(Bytes{});
        Event event;
        REQUIRE(run.begin(rule_, {.used = true}, {.id = id, .dir = dir_.get()}, whom, now, event));
        pollfd ended{.fd = run.ended(), .events = POLLIN, .revents = 0};
        REQUIRE(::poll(&ended, 1, 60'000) == 1);
        has_read_back(back);
        run.step(now, &rule_);
        run.step(now + 5s, &rule_);
        REQUIRE_FALSE(run.busy());
    }

    CoolRun run{};

private:
    static std::uint64_t pages(Bytes memory) {
        return memory.value / static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }

    /// Since its beginning.
    void has_read_back(Bytes memory) const {
        files_.write("memory.stat",
                     "anon 1\nshmem 0\nworkingset_refault " + std::to_string(pages(memory)) + "\n");
    }

    FakeFiles files_{{{"memory.current", "1073741824\n"}, {"memory.reclaim", ""}}};
    Fd dir_ = files_.open();
    Rule rule_{
        .name = "r", .action = Action::Reclaim, .cooling = {.budget = mib(64), .interval = 5s}};
};

constexpr CgroupId cgroup{7};

} // namespace

TEST_CASE("whoever takes back what went rests longer than others") {
    Scene scene;
    const TimePoint now = std::chrono::steady_clock::now();
    scene.cool(cgroup, Bytes{}, now);
    CHECK(scene.run.rests(cgroup, now + 4s));
    CHECK_FALSE(scene.run.rests(cgroup, now + 5s));
    scene.cool(cgroup, mib(10), now);
    CHECK(scene.run.rests(cgroup, now + 9s));
    CHECK_FALSE(scene.run.rests(cgroup, now + 10s));
}

TEST_CASE("what a cgroup always reads back is no cost of a round, once it is known") {
    Scene scene;
    const TimePoint now = std::chrono::steady_clock::now();
    scene.cool(cgroup, mib(10), now);
    CHECK(scene.run.rests(cgroup, now + 9s));
    scene.cool(cgroup, mib(10), now, mib(2));
    CHECK_FALSE(scene.run.rests(cgroup, now + 5s));
}

TEST_CASE("what came back from one round does not pass for usual at the next") {
    Scene scene;
    const TimePoint now = std::chrono::steady_clock::now();
    scene.cool(cgroup, Bytes{}, now, Bytes{});
    scene.cool(cgroup, mib(10), now, mib(2));
    CHECK(scene.run.rests(cgroup, now + 9s));
}

TEST_CASE("however many others are cooled, whoever rests for long is remembered") {
    Scene scene;
    const TimePoint now = std::chrono::steady_clock::now();
    scene.cool(cgroup, mib(10), now);
    constexpr std::uint64_t others = CoolRun::most_remembered + 10;
    for (std::uint64_t i = 1; i <= others; ++i)
        scene.cool(CgroupId{100 + i}, Bytes{}, now);
    CHECK(scene.run.rests(cgroup, now + 9s));
    CHECK(scene.run.rests(CgroupId{100 + others}, now + 4s));
}
