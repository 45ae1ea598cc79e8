// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "cgroup_fixture.hpp"
#include "sense/tree.hpp"
#include "tree_mirror.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <thread>

using namespace reapd;

namespace {

using Paths = std::set<std::string>;

void skip(const char* reason) {
    std::cout << "SKIP: " << Catch::getResultCapture().getCurrentTestName() << ": " << reason
              << '\n';
}

} // namespace

TEST_CASE("names may be anything that the kernel takes") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    const std::vector<std::string> names{"with blank",
                                         "\xff\xfe",
                                         std::string(255, 'n'),
                                         std::string(1000, 'm'),
                                         "back\\slash",
                                         "\x1b[31mred",
                                         "\"quoted\"",
                                         "%n%s",
                                         "(deleted)",
                                         " ",
                                         "...",
                                         "\xe2\x80\xae",
                                         "\\x5c"};
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 64, mirror.listener()};
    REQUIRE(tree.rescan());
    for (std::size_t i = 0; i < names.size(); i += 2)
        cgroup.make(names[i]); // told
    REQUIRE(tree.dispatch());
    for (std::size_t i = 1; i < names.size(); i += 2)
        cgroup.make(names[i]); // listed
    REQUIRE(tree.rescan());

    Paths expected{names.begin(), names.end()};
    expected.insert("");
    CHECK(mirror.paths() == expected);
    CHECK(tree.left_out() == 0);
    for (const std::string& name : names)
        CHECK(tree.name_of(tree.by_path(name)->id) == "/" + name);
    for (const std::string& name : names)
        cgroup.remove(name);
    REQUIRE(tree.dispatch());
    CHECK(mirror.paths() == Paths{""});
}

TEST_CASE("a path that nobody could open is left to its parent") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    const std::string longest(4095, 'l');
    Fd dir = cgroup.open();
    REQUIRE(::mkdirat(dir.get(), longest.c_str(), 0755) == 0);
    dir = Fd{::openat(dir.get(), longest.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    REQUIRE(dir);
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 64, mirror.listener()};
    REQUIRE(tree.rescan());
    CHECK(tree.by_path(longest));
    CHECK(mirror.with_unseen().empty());

    REQUIRE(::mkdirat(dir.get(), "below", 0755) == 0);
    REQUIRE(tree.dispatch());
    CHECK(mirror.with_unseen() == Paths{longest});
    CHECK(tree.size() == 2);
    CHECK(tree.left_out() == 1);
    CHECK(*tree.consistent());
    REQUIRE(tree.rescan());
    CHECK(tree.left_out() == 1);
    CHECK(mirror.with_unseen() == Paths{longest});
    CHECK(*tree.consistent());

    REQUIRE(::unlinkat(dir.get(), "below", AT_REMOVEDIR) == 0);
    CHECK_FALSE(*tree.consistent());
    REQUIRE(tree.rescan());
    CHECK(mirror.with_unseen().empty());
}

TEST_CASE("a mount that shows the tree inside itself leads nowhere") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    cgroup.make("a");
    // In a mount namespace that only this thread has, and that ends with it.
    std::thread{[&] {
        if (::unshare(CLONE_FS | CLONE_NEWNS) != 0 ||
            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
            return skip("no mount namespace");
        if (::mount(cgroup.path().c_str(), (cgroup.path() + "/a").c_str(), nullptr, MS_BIND,
                    nullptr) != 0)
            return skip("no bind mount");
        Mirror mirror;
        CgroupTree tree{Fd{::open(cgroup.path().c_str(), O_RDONLY | O_DIRECTORY)}, 64,
                        mirror.listener()};
        (void)tree.rescan();
        (void)tree.rescan();
        CHECK(mirror.paths() == Paths{""});
        CHECK(tree.left_out() == 1);
    }}.join();
}

TEST_CASE("a thousand levels are held") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    Fd dir = cgroup.open();
    for (int depth = 0; depth < 1000; ++depth) {
        REQUIRE(::mkdirat(dir.get(), "d", 0755) == 0);
        dir = Fd{::openat(dir.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    }
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 4096, mirror.listener()};
    REQUIRE(tree.rescan());
    CHECK(tree.size() == 1001);
    CHECK(*tree.consistent());
}

TEST_CASE("an overflow of inotify loses nothing") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    std::size_t queue = 0;
    std::ifstream{"/proc/sys/fs/inotify/max_queued_events"} >> queue;
    if (queue > 100000) {
        skip("its queue is too long here");
        return;
    }
    cgroup.make("stays");
    cgroup.make("goes");
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 64, mirror.listener()};
    REQUIRE(tree.rescan());
    for (std::size_t i = 0; i <= queue / 2; ++i) {
        (void)::mkdirat(cgroup.dir(), "x", 0755);
        (void)::unlinkat(cgroup.dir(), "x", AT_REMOVEDIR);
    }
    cgroup.remove("goes");
    cgroup.make("comes");
    // Many reads: each takes a bounded part.
    for (int i = 0; i < 10; ++i)
        REQUIRE(tree.dispatch());
    CHECK(mirror.paths() == Paths{"", "comes", "stays"});
    CHECK(*tree.consistent());

    cgroup.make("later");
    REQUIRE(tree.dispatch());
    CHECK(tree.by_path("later"));
}

TEST_CASE("what exceeds the capacity is left to its parent until there is room") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    for (const char* const name : {"a", "b", "c", "d"})
        cgroup.make(name);
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 3, mirror.listener()};
    REQUIRE(tree.rescan());
    CHECK(tree.size() == 3);
    CHECK(tree.left_out() == 2);
    CHECK(mirror.with_unseen() == Paths{""});
    CHECK(tree.complete());
    CHECK(*tree.consistent());

    cgroup.make("e");
    REQUIRE(tree.dispatch());
    CHECK(tree.left_out() == 3);
    CHECK(*tree.consistent());

    for (const char* const name : {"a", "b", "c", "d"})
        cgroup.remove(name);
    REQUIRE(tree.dispatch());
    CHECK_FALSE(*tree.consistent());
    REQUIRE(tree.rescan());
    CHECK(mirror.paths() == Paths{"", "e"});
    CHECK_FALSE(tree.by_path("e")->born); // It may have been there for long.
    CHECK(tree.left_out() == 0);
    CHECK(mirror.with_unseen().empty());
    CHECK(mirror.highest < 3);
    CHECK(*tree.consistent());
}

TEST_CASE("without descriptors the tree goes as far as it can, and on later") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    for (int i = 0; i < 20; ++i)
        cgroup.make("c" + std::to_string(i));
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 64, mirror.listener()};
    std::vector<Fd> taken;
    while (const int fd = ::open("/", O_PATH | O_CLOEXEC)) {
        if (fd < 0 || taken.size() > 200)
            break;
        taken.emplace_back(fd);
    }
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit low{.rlim_cur = static_cast<rlim_t>(taken.back().get()) + 10,
                     .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    const auto scanned = tree.rescan();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);

    REQUIRE_FALSE(scanned);
    CHECK(scanned.error().code == EMFILE);
    CHECK_FALSE(tree.complete());
    CHECK(tree.size() > 1);
    CHECK(tree.size() < 21);
    REQUIRE(tree.rescan());
    CHECK(tree.complete());
    CHECK(tree.size() == 21);
    CHECK(*tree.consistent());
}

TEST_CASE("ten thousand cgroups are held") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur < 11000) {
        skip("RLIMIT_NOFILE is too low");
        return;
    }
    for (int i = 0; i < 100; ++i) {
        const std::string above = "s" + std::to_string(i);
        cgroup.make(above);
        for (int j = 0; j < 99; ++j)
            cgroup.make(above + "/c" + std::to_string(j));
    }
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 16384, mirror.listener()};
    REQUIRE(tree.rescan());
    CHECK(tree.size() == 10001);
    CHECK(tree.complete());
    CHECK(*tree.consistent());
    REQUIRE(tree.rescan());
    CHECK(mirror.added == 10001);
    CHECK(mirror.removed == 0);
}
