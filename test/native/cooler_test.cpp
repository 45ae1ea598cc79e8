// SPDX-License-Identifier: LGPL-2.1-or-later

/// The thread that cools: the guard hands over, goes on, hears of the end, and can end it early.

#include "act/cooler.hpp"

#include "catch.hpp"
#include "native/quiet.hpp"
#include "native/world.hpp"
#include "sense/fake_files.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>
#include <string_view>

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

/// Whether this thread of ours has come to where it waits in openat(2).
bool is_held_up(std::string_view name) {
    const auto holds = [&](const std::filesystem::path& task) {
        std::istringstream call{read_file(task / "syscall")};
        long number = -1;
        return read_file(task / "comm") == std::string{name} + '\n' && call >> number &&
               number == SYS_openat;
    };
    return eventually([&] {
        return std::ranges::any_of(std::filesystem::directory_iterator{"/proc/self/task"}, holds,
                                   &std::filesystem::directory_entry::path);
    });
}

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

TEST_CASE(
    "a round reclaims nothing that those below are promised, and knows that there is no more") {
    const FakeFiles files{{{"memory.current", "67108864\n"},
                           {"memory.reclaim", ""},
                           {"child/memory.current", "67108864\n"},
                           {"child/memory.low", "66060288\n"}}};
    Started cooler;
    REQUIRE(cooler->begin(files.open().get(), {.means = CoolingMeans::Reclaim, .budget = mib(64)}));
    REQUIRE(cooler.has_ended(patience_ms));
    const std::optional<CoolingResult> result = cooler->take();
    REQUIRE(result);
    CHECK(*result == CoolingResult{.moved = mib(1), .exhausted = true});
}

TEST_CASE("whoever ends the program in the middle of a round does not wait for it") {
    const FakeFiles files{{{"memory.current", "1073741824\n"}}};
    const Fd dir = files.open();
    // Who opens it for writing waits for somebody who reads, like a call that the kernel holds up.
    REQUIRE(::mkfifoat(dir.get(), "memory.reclaim", 0600) == 0);
    {
        Started cooler;
        REQUIRE(cooler->begin(dir.get(), {.means = CoolingMeans::Reclaim, .budget = mib(64)}));
        REQUIRE(is_held_up("reapd-cooler"));
    }
    // It was in the middle of it, and has been left behind: it goes on now.
    const Fd request{::openat(dir.get(), "memory.reclaim", O_RDONLY | O_CLOEXEC)};
    std::array<char, 32> text{};
    CHECK(::read(request.get(), text.data(), text.size()) > 0);
    CHECK(std::string_view{text.data()} == "16777216");
}
