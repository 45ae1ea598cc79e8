// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A guard whose thread runs here, on files that are made here, and what it tells.

#include "guard.hpp"
#include "sense/fake_files.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace reapd {

/// More than the queue holds.
constexpr Slot crowd = 200;

/// A machine without memory: rules that ask for some are met at once.
struct Scene {
    /// `rules` are those of the first `watched` cgroups; all but the first are below that one.
    Scene(std::vector<Rule> rules, Slot watched) {
        REQUIRE(Channel::open(channel).has_value());
        REQUIRE(guard.prepare().has_value());
        const RuleMask all = (RuleMask{1} << rules.size()) - 1;
        package.policy.generation = 1;
        package.policy.rules = std::move(rules);
        for (Slot slot = 0; slot < watched; ++slot)
            send({.kind = Request::Kind::Add,
                  .slot = slot,
                  .parent = slot == 0 ? no_slot : 0,
                  .id = CgroupId{slot + 1ULL},
                  .marks = {.watched = all}});
        package.marks.assign(watched, Marks{.watched = all});
        send({.kind = Request::Kind::Adopt, .package = &package});
        thread = std::thread{[this] { guard.run(); }};
    }
    ~Scene() {
        send({.kind = Request::Kind::Stop});
        thread.join();
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    void send(const Request& request) {
        REQUIRE(channel.requests.push(request));
        ring(channel.to_guard);
    }

    void take() {
        Event event;
        while (channel.events.pop(event))
            told.push_back(event);
    }

    auto count(auto&& wanted) const { return std::ranges::count_if(told, wanted); }

    /// False when the guard has nothing more to say and it still is not so.
    bool until(auto&& so) {
        pollfd rings{.fd = channel.to_front.get(), .events = POLLIN, .revents = 0};
        while (!so()) {
            if (::poll(&rings, 1, 10'000) != 1)
                return false;
            hush(channel.to_front);
        }
        return true;
    }

    FakeFiles files{{{"meminfo", "MemTotal: 4194304 kB\nMemAvailable: 1024 kB\n"
                                 "SwapTotal: 0 kB\nSwapFree: 0 kB\n"}}};
    Machine machine{.proc = files.open(), .cgroups = files.open()};
    Channel channel{};
    PolicyPackage package{};
    Guard guard{channel, machine, {.max_cgroups = crowd + 1}};
    std::vector<Event> told{};
    std::thread thread{};
};

} // namespace reapd
