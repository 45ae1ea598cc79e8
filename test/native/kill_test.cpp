// SPDX-License-Identifier: LGPL-2.1-or-later

/// What a kill promises about whole cgroups: everybody in it dies, nobody else.

#include "catch.hpp"
#include "native/killing.hpp"
#include "native/quiet.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>

using namespace reapd;
using namespace reapd::test;

namespace {

void wait_for_ever() {}

} // namespace

TEST_CASE("the allocator hook works") {
    if (!can_be_quiet())
        skip("a sanitizer has the allocator");
}

TEST_CASE("every process of a cgroup and of the cgroups below dies") {
    if (!cgroups_offered())
        return;
    const Cgroup top;
    const Cgroup middle{top, "middle"};
    const Cgroup bottom{middle, "bottom"};
    Child first{top, wait_for_ever};
    Child second{middle, wait_for_ever};
    Child third{bottom, wait_for_ever};
    Killer killer;

    const Killing killing = killer.kill(top);

    CHECK(killing.collected == Collected::Ready);
    CHECK(killing.found == 3);
    CHECK(killing.done == true);
    CHECK(killing.result.processes == 3);
    CHECK(killing.result.kill_error == 0);
    CHECK_FALSE(killing.result.kill_late);
    CHECK(killing.result.survivors == 0);
    CHECK(first.was_killed());
    CHECK(second.was_killed());
    CHECK(third.was_killed());
}

TEST_CASE("200 processes die and the neighbours live") {
    if (!cgroups_offered())
        return;
    const Cgroup top;
    const Cgroup doomed{top, "doomed"};
    const Cgroup spared{top, "doomed2"};
    std::vector<Child> victims;
    victims.reserve(200);
    for (int i = 0; i < 200; ++i)
        victims.emplace_back(doomed, wait_for_ever);
    const Child neighbour{spared, wait_for_ever};
    Killer killer;
    // All are found in the time there is, unless the machine is very busy just now.
    CHECK(eventually([&] {
        CHECK(killer.executioner().collect_cgroup(doomed.dir().get()) == Collected::Ready);
        return killer.executioner().result().processes == 200;
    }));

    const Killing killing = killer.kill(doomed);

    CHECK(killing.done == true);
    CHECK(killing.result.processes <= 200);
    CHECK(killing.result.released + killing.result.esrch == killing.result.processes);
    for (Child& victim : victims)
        CHECK(victim.was_killed());
    CHECK(neighbour.lives());
}

TEST_CASE("a fork bomb dies whole") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    const Child bomb{cgroup, [] { be_fork_bomb(100); }};
    CHECK(eventually([&] { return cgroup.read("cgroup.procs").size() > 300; }));
    Killer killer;

    const Killing killing = killer.kill(cgroup);

    CHECK(killing.collected == Collected::Ready);
    CHECK(killing.done == true);
    CHECK(killing.result.survivors == 0);
    CHECK_FALSE(cgroup.populated());
}

TEST_CASE("a stopped process dies") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    Child victim{cgroup, wait_for_ever};
    REQUIRE(::kill(victim.pid(), SIGSTOP) == 0);
    Killer killer;

    CHECK(killer.kill(cgroup).done == true);
    CHECK(victim.was_killed());
}

TEST_CASE("a frozen cgroup dies") {
    if (!cgroups_offered())
        return;
    const Cgroup cgroup;
    Child victim{cgroup, wait_for_ever};
    REQUIRE(cgroup.write("cgroup.freeze", "1"));
    REQUIRE(eventually(
        [&] { return cgroup.read("cgroup.events").find("frozen 1") != std::string::npos; }));
    Killer killer;

    CHECK(killer.kill(cgroup).done == true);
    CHECK(victim.was_killed());
}

TEST_CASE("a cgroup that has vanished is gone, an empty one is empty") {
    if (!cgroups_offered())
        return;
    const Cgroup parent;
    auto vanished = std::make_unique<Cgroup>(parent, "vanished");
    const Fd held{::dup(vanished->dir().get())};
    Killer killer;

    CHECK(killer.kill(*vanished).collected == Collected::Empty);
    vanished->remove();
    CHECK(killer.kill(*vanished).collected == Collected::Gone);
    CHECK(killer.executioner().idle());
}

TEST_CASE("a cgroup that vanishes between decision and kill costs nothing") {
    if (!cgroups_offered())
        return;
    Cgroup cgroup;
    Killer killer;
    {
        Child victim{cgroup, wait_for_ever};
        CHECK(killer.executioner().collect_cgroup(cgroup.dir().get()) == Collected::Ready);
    }
    cgroup.remove();

    killer.executioner().execute({});
    const auto later = std::chrono::steady_clock::now() + std::chrono::milliseconds{10};
    CHECK(eventually([&] { return killer.executioner().poll(later, true); }));
    killer.executioner().finish();

    CHECK((killer.executioner().result().kill_error == ENODEV ||
           killer.executioner().result().kill_error == ENOENT));
    CHECK(killer.executioner().result().signalled == 0);
}

TEST_CASE("names of any kind are no obstacle") {
    if (!cgroups_offered())
        return;
    const Cgroup top;
    const Cgroup spaces{top, "two  words \t\x1b[31m %n \"'"};
    const Cgroup bytes{spaces, "\xff\xfe\xc3"};
    // mkdir takes more than NAME_MAX bytes in a cgroup hierarchy.
    const Cgroup length{bytes, std::string(400, 'x')};
    Child victim{length, wait_for_ever};
    Killer killer;

    CHECK(killer.kill(top).found == 1);
    CHECK(victim.was_killed());
}

TEST_CASE("a tree 300 deep is found to its end or killed without") {
    if (!cgroups_offered())
        return;
    const Cgroup top;
    std::vector<std::unique_ptr<Cgroup>> tree;
    tree.push_back(std::make_unique<Cgroup>(top, "d"));
    while (tree.size() < 300)
        tree.push_back(std::make_unique<Cgroup>(*tree.back(), "d"));
    Child victim{*tree.back(), wait_for_ever};
    Killer killer;

    CHECK(killer.kill(top).done == true);
    CHECK(victim.was_killed());
    while (!tree.empty())
        tree.pop_back();
}

TEST_CASE("kill after kill works without a pause") {
    if (!cgroups_offered())
        return;
    Killer killer;
    for (int i = 0; i < 50; ++i) {
        const Cgroup cgroup;
        Child victim{cgroup, [] { use_memory(1); }};
        REQUIRE(eventually([&] { return killer.executioner().idle(); }));
        REQUIRE(killer.kill(cgroup).done == true);
        REQUIRE(victim.was_killed());
    }
}

TEST_CASE("a rehearsal on an empty cgroup goes through and leaves it as it was") {
    if (!cgroups_offered())
        return;
    const Cgroup own;
    Killer killer;

    CHECK(killer.executioner().rehearse(own.dir().get()));
    CHECK(eventually([&] { return killer.executioner().idle(); }));

    const Child occupant{own, wait_for_ever};
    CHECK_FALSE(killer.executioner().rehearse(own.dir().get()));
    CHECK(occupant.lives());
}
