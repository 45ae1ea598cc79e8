// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "cgroup_fixture.hpp"
#include "sense/tree.hpp"

#include <sys/resource.h>

#include <map>
#include <set>
#include <thread>

using namespace reapd;

namespace {

/// Believes what the tree tells, and checks that it can be believed.
class Mirror {
public:
    CgroupTree::Listener listener() {
        return {.added = [this](const TreeNode& node) { add(node); },
                .removed = [this](const TreeNode& node) { remove(node); }};
    }

    std::set<std::string> paths() const {
        std::set<std::string> out;
        for (const auto& [slot, seen] : seen_)
            out.insert(seen.path);
        return out;
    }

    std::size_t added = 0;
    std::size_t removed = 0;
    Slot highest = 0;

private:
    struct Seen {
        std::string path{};
        Slot parent = no_slot;
        std::size_t children = 0;
    };

    void add(const TreeNode& node) {
        ++added;
        highest = std::max(highest, node.slot);
        const bool fresh = seen_.emplace(node.slot, Seen{node.path, node.parent}).second;
        if (!fresh)
            FAIL_CHECK("slot is taken: " << node.slot);
        if (node.slot == 0)
            return;
        const auto parent = seen_.find(node.parent);
        if (parent == seen_.end())
            FAIL_CHECK("no parent yet: " << node.path);
        else
            ++parent->second.children;
    }

    void remove(const TreeNode& node) {
        ++removed;
        const auto gone = seen_.find(node.slot);
        if (gone == seen_.end() || gone->second.path != node.path) {
            FAIL_CHECK("never added: " << node.path);
            return;
        }
        if (gone->second.children != 0)
            FAIL_CHECK("children outlive it: " << node.path);
        --seen_[node.parent].children;
        seen_.erase(gone);
    }

    std::map<Slot, Seen> seen_{};
};

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
    CgroupTree tree{cgroup.open(), 64, {}};
    REQUIRE(tree.rescan());
    CHECK(tree.by_path(longest));

    REQUIRE(::mkdirat(dir.get(), "below", 0755) == 0);
    REQUIRE(tree.dispatch());
    CHECK(tree.size() == 2);
    CHECK(tree.left_out() == 1);
    CHECK(*tree.consistent());
    REQUIRE(tree.rescan());
    CHECK(tree.left_out() == 1);
    CHECK(*tree.consistent());
    REQUIRE(::unlinkat(dir.get(), "below", AT_REMOVEDIR) == 0);
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
        std::cout << "SKIP: an overflow of inotify loses nothing: its queue is too long here\n";
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
    CHECK(tree.left_out() == 0);
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
        std::cout << "SKIP: ten thousand cgroups are held: RLIMIT_NOFILE is too low\n";
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
