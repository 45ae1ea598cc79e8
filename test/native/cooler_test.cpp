// SPDX-License-Identifier: LGPL-2.1-or-later

/// The thread that cools: the guard hands over, goes on, hears of the end, and can end it early.

#include "act/cooler.hpp"

#include "catch.hpp"
#include "native/quiet.hpp"
#include "native/world.hpp"

#include <fcntl.h>
#include <poll.h>

using namespace reapd;
using namespace reapd::test;

namespace {

class Started {
public:
    Started() {
        const Fd proc{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        REQUIRE(cooler_.start(proc.get()));
    }
    Cooler& operator*() noexcept { return cooler_; }
    Cooler* operator->() noexcept { return &cooler_; }

    bool has_ended(int timeout_ms) const {
        pollfd ended{.fd = cooler_.ended(), .events = POLLIN, .revents = 0};
        return ::poll(&ended, 1, timeout_ms) == 1;
    }

private:
    Cooler cooler_{};
};

constexpr int patience_ms = 60'000;

} // namespace

TEST_CASE("a round is handed over and its end is heard of once") {
    if (!cgroups_offered())
        return;
    Started cooler;
    const Cgroup cgroup;
    const Child idle{cgroup, [] { use_memory(8); }};
    CHECK(cooler->idle());
    CHECK_FALSE(cooler->take());
    CHECK_FALSE(cooler.has_ended(0));
    {
        const Quiet quiet; // In that thread, too.
        REQUIRE(cooler->begin(cgroup.dir().get(), {.advice = Advice::Cold, .budget = mib(64)}));
        REQUIRE(cooler.has_ended(patience_ms));
    }
    CHECK_FALSE(cooler->idle());
    CHECK_FALSE(cooler->begin(cgroup.dir().get(), {}));
    const std::optional<CoolingResult> result = cooler->take();
    REQUIRE(result);
    CHECK(result->processes + result->refused == 1);
    CHECK_FALSE(cooler.has_ended(0));
    CHECK(cooler->idle());
    CHECK_FALSE(cooler->take());
}

TEST_CASE("a round goes on when the guard closes its directory, and ends when told to") {
    if (!cgroups_offered())
        return;
    Started cooler;
    const Cgroup cgroup;
    std::vector<Child> children;
    for (int i = 0; i < 100; ++i)
        children.emplace_back(cgroup, [] { use_memory(1); });
    for (int again = 0; again < 10; ++again) {
        {
            const Fd dir{::fcntl(cgroup.dir().get(), F_DUPFD_CLOEXEC, 0)};
            REQUIRE(cooler->begin(dir.get(), {.advice = Advice::Cold, .budget = mib(1024)}));
        }
        cooler->cancel();
        REQUIRE(cooler.has_ended(patience_ms));
        const std::optional<CoolingResult> result = cooler->take();
        REQUIRE(result);
        CHECK(result->error == 0);
        CHECK((result->stopped || result->exhausted));
    }
}

TEST_CASE("a round on a cgroup that is gone finds nothing and is no failure") {
    if (!cgroups_offered())
        return;
    Started cooler;
    Cgroup cgroup;
    const Fd dir{::fcntl(cgroup.dir().get(), F_DUPFD_CLOEXEC, 0)};
    cgroup.remove();
    for (const CoolingMeans means : {CoolingMeans::Hint, CoolingMeans::Reclaim}) {
        REQUIRE(cooler->begin(dir.get(), {.means = means, .budget = mib(64)}));
        REQUIRE(cooler.has_ended(patience_ms));
        const std::optional<CoolingResult> result = cooler->take();
        REQUIRE(result);
        CHECK(result->moved == Bytes{});
        CHECK(result->error == 0);
        CHECK(result->exhausted);
    }
}

TEST_CASE("whoever ends the program in the middle of a round does not wait for it") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    const Child idle{cgroup, [] { use_memory(64); }};
    Started cooler;
    REQUIRE(cooler->begin(cgroup.dir().get(), {.budget = mib(1024)}));
    CHECK(idle.lives());
}
