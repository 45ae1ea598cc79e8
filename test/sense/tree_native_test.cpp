// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "cgroup_fixture.hpp"
#include "sense/tree.hpp"
#include "tree_mirror.hpp"

#include <sys/xattr.h>
#include <unistd.h>

#include <thread>

using namespace reapd;

namespace {

using Paths = std::set<std::string>;

} // namespace

TEST_CASE("a tree is read and followed") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    cgroup.make("a");
    cgroup.make("a/b");
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 64, mirror.listener()};
    CHECK(mirror.added == 0);
    REQUIRE(tree.rescan());
    CHECK(mirror.paths() == Paths{"", "a", "a/b"});
    CHECK(tree.complete());
    CHECK(*tree.consistent());

    cgroup.make("c");
    cgroup.make("a/b/d");
    CHECK_FALSE(*tree.consistent());
    REQUIRE(tree.dispatch());
    CHECK(mirror.paths() == Paths{"", "a", "a/b", "a/b/d", "c"});
    CHECK_FALSE(tree.by_path("a/b")->born);
    CHECK(tree.by_path("a/b/d")->born);
    CHECK(*tree.consistent());
    CHECK(tree.size() == 5);

    cgroup.remove("a/b/d");
    cgroup.remove("a/b");
    cgroup.remove("a");
    REQUIRE(tree.dispatch());
    CHECK(mirror.paths() == Paths{"", "c"});
    CHECK(mirror.removed == 3);
    CHECK(*tree.consistent());
}

TEST_CASE("a cgroup is found by slot, id and path, and its name outlives it") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    cgroup.make("a");
    CgroupTree tree{cgroup.open(), 64, {}};
    REQUIRE(tree.rescan());
    const TreeNode* const node = tree.by_path("a");
    REQUIRE(node);
    CHECK(tree.by_slot(node->slot) == node);
    CHECK(tree.by_id(node->id) == node);
    CHECK(node->parent == 0);
    CHECK(tree.by_path("")->slot == 0);
    CHECK(tree.name_of(tree.by_slot(0)->id) == "/");
    CHECK(tree.name_of(node->id) == "/a");
    CHECK_FALSE(tree.by_path("b"));
    CHECK_FALSE(tree.by_slot(17));
    CHECK_FALSE(tree.by_slot(no_slot));

    const CgroupId id = node->id;
    const Slot slot = node->slot;
    cgroup.remove("a");
    REQUIRE(tree.dispatch());
    CHECK_FALSE(tree.by_id(id));
    CHECK_FALSE(tree.by_slot(slot));
    CHECK_FALSE(tree.by_path("a"));
    CHECK(tree.name_of(id) == "/a");
    CHECK(tree.name_of(CgroupId{1}).empty());
}

TEST_CASE("the same name is another cgroup the second time") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    cgroup.make("a");
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 64, mirror.listener()};
    REQUIRE(tree.rescan());
    const CgroupId first = tree.by_path("a")->id;

    // All of it is over before the tree hears of the first step.
    for (int i = 0; i < 3; ++i) {
        cgroup.remove("a");
        cgroup.make("a");
    }
    REQUIRE(tree.dispatch());
    REQUIRE(tree.by_path("a"));
    CHECK(tree.by_path("a")->id != first);
    CHECK(mirror.added == 3);
    CHECK(mirror.removed == 1);
    CHECK(tree.name_of(first) == "/a");

    const CgroupId second = tree.by_path("a")->id;
    cgroup.remove("a");
    cgroup.make("a");
    REQUIRE(tree.rescan());
    CHECK(tree.by_path("a")->id != second);
    CHECK(*tree.consistent());
}

TEST_CASE("nothing is missed while branches are made at full speed") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 4096, mirror.listener()};
    REQUIRE(tree.rescan());

    // The way to each leaf is made as mkdir -p does it, one after the other without a pause.
    std::thread maker{[&] {
        for (int i = 0; i < 100; ++i) {
            std::string path = "b" + std::to_string(i);
            for (int depth = 0; depth < 6; ++depth) {
                (void)::mkdirat(cgroup.dir(), path.c_str(), 0755);
                path += "/x";
            }
        }
    }};
    while (tree.size() < 300)
        REQUIRE(tree.dispatch());
    maker.join();
    REQUIRE(tree.dispatch());
    CHECK(tree.size() == 601);
    CHECK(*tree.consistent());
    CHECK(mirror.added == 601);
}

TEST_CASE("nothing is left over while branches come and go at full speed") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    Mirror mirror;
    CgroupTree tree{cgroup.open(), 4096, mirror.listener()};
    REQUIRE(tree.rescan());

    std::thread churner{[&] {
        for (int i = 0; i < 400; ++i) {
            const std::string path = "b" + std::to_string(i % 7);
            for (const char* const below : {"", "/x", "/x/y"})
                (void)::mkdirat(cgroup.dir(), (path + below).c_str(), 0755);
            if (i < 393)
                for (const char* const below : {"/x/y", "/x", ""})
                    (void)::unlinkat(cgroup.dir(), (path + below).c_str(), AT_REMOVEDIR);
        }
    }};
    for (int i = 0; i < 200; ++i)
        REQUIRE(tree.dispatch());
    churner.join();
    REQUIRE(tree.dispatch());
    CHECK(tree.size() == 22);
    CHECK(*tree.consistent());
    CHECK(mirror.added - mirror.removed == 22);
}

TEST_CASE("whom a cgroup belongs to and what is asked for it is told whenever it changes") {
    const TestCgroup cgroup;
    if (!cgroup)
        return;
    cgroup.make("a");
    std::vector<std::pair<std::string, Ownership>> told;
    CgroupTree tree{cgroup.open(), 64, {.ownership_changed = [&](const TreeNode& node) {
                        told.emplace_back(node.path, node.ownership);
                    }}};
    REQUIRE(tree.rescan());
    told.clear();
    const int a = tree.by_path("a")->dir.get();
    const std::uint32_t owner = ::getuid();
    const auto look = [&] {
        told.clear();
        REQUIRE(tree.dispatch());
        return told;
    };
    using Told = std::vector<std::pair<std::string, Ownership>>;

    if (::fsetxattr(a, "user.oomd_avoid", "1", 1, 0) != 0) {
        std::cout << "SKIP: no user attributes on cgroups (they came with Linux 5.7)\n";
        return;
    }
    CHECK(look() == Told{{"a", {owner, Wish::Avoid}}});
    REQUIRE(::fsetxattr(a, "user.oomd_omit", "true", 4, 0) == 0);
    CHECK(look() == Told{{"a", {owner, Wish::Omit}}});
    REQUIRE(::fsetxattr(a, "user.oomd_omit", "0", 1, 0) == 0);
    CHECK(look() == Told{{"a", {owner, Wish::Avoid}}});
    REQUIRE(::fsetxattr(a, "user.other", "1", 1, 0) == 0);
    CHECK(look().empty());
    REQUIRE(::fremovexattr(a, "user.oomd_avoid") == 0);
    CHECK(look() == Told{{"a", {owner, Wish::None}}});
    if (owner == 0) {
        REQUIRE(::fchown(a, 65534, 65534) == 0);
        CHECK(look() == Told{{"a", {65534, Wish::None}}});
    }
}
