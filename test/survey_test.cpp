// SPDX-License-Identifier: LGPL-2.1-or-later

/// Whom a rule would choose now, measured for who asks. The kernel's files are made here.

#include "survey.hpp"

#include "sense/fake_files.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint begin{1h};

std::string bytes(Bytes size) { return std::to_string(size.value) + "\n"; }

struct Scene {
    Scene() {
        grow("a", mib(100));
        grow("b", mib(300));
        grow("small", mib(1));
        REQUIRE(tree.rescan().has_value());
        follow();
    }

    void grow(const std::string& name, Bytes anon) const {
        files.write(name + "/memory.current", bytes(anon));
        files.write(name + "/memory.swap.current", "0\n");
        files.write(name + "/memory.stat", "anon " + bytes(anon) + "shmem 0\n");
    }

    void follow() {
        survey.follow(tree, [&](const TreeNode& node) {
            return Marks{.watched = node.path.empty() ? RuleMask{1} : 0,
                         .never = node.path.empty()};
        });
    }

    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const Candidate& candidate : choice.ranked)
            found.push_back(tree.name_of(candidate.id));
        return found;
    }

    FakeFiles files{{{"meminfo", "MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n"
                                 "SwapTotal: 0 kB\nSwapFree: 0 kB\n"}}};
    Machine machine{.proc = files.open(), .cgroups = files.open()};
    CgroupTree tree{files.open(), 64, {}};
    Survey survey{machine, 64};
    Rule rule{.name = "r", .watch = {"/"}};
    Choice choice{};
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("the second look knows who grows, and he comes first") {
    Scene scene;
    CHECK_FALSE(scene.survey.choose(scene.rule, 0, 0, begin, scene.choice));
    CHECK(scene.names() == Names{"/b", "/a"});
    scene.grow("a", mib(200));
    REQUIRE(scene.survey.choose(scene.rule, 0, 0, begin + 500ms, scene.choice));
    CHECK(scene.names() == Names{"/a", "/b"});
    CHECK(scene.choice.ranked[0].growth == std::int64_t{200} << 20);
    CHECK(scene.choice.ranked[0].promise == mib(200));
    CHECK(scene.choice.found.size() == 3); // Who is too small is found, too.
}

TEST_CASE("what was measured long ago says nothing of growth") {
    Scene scene;
    CHECK_FALSE(scene.survey.choose(scene.rule, 0, 0, begin, scene.choice));
    CHECK_FALSE(scene.survey.choose(scene.rule, 0, 0, begin + 1min, scene.choice));
    CHECK(scene.survey.choose(scene.rule, 0, 0, begin + 1min + 100ms, scene.choice));
}

TEST_CASE("cgroups that come, go or are protected meanwhile are followed") {
    Scene scene;
    CHECK_FALSE(scene.survey.choose(scene.rule, 0, 0, begin, scene.choice));
    scene.files.remove("b");
    scene.grow("new", mib(500));
    REQUIRE(scene.tree.rescan().has_value());
    scene.follow();
    REQUIRE(scene.survey.choose(scene.rule, 0, 0, begin + 500ms, scene.choice));
    CHECK(scene.names() == Names{"/new", "/a"});

    const Slot slot = scene.tree.by_path("new")->slot;
    scene.survey.mark(slot, Marks{.spared = 1});
    REQUIRE(scene.survey.choose(scene.rule, 0, 0, begin + 1s, scene.choice));
    CHECK(scene.names() == Names{"/a"});
    CHECK(scene.survey.table().at(slot).usage.has_value());
}

TEST_CASE("who would be passed over as exempt is not in the choice") {
    Scene scene;
    const auto choose = [&](TimePoint now) {
        (void)scene.survey.choose(scene.rule, 0, 0, now, scene.choice);
        return scene.names();
    };
    scene.files.write("b/cgroup.procs", "70\n71\n");
    scene.files.write("70/oom_score_adj", "0\n");
    scene.files.write("71/oom_score_adj", "-1000\n");
    CHECK(choose(begin) == Names{"/b", "/a"});
    CHECK(scene.choice.exempt.empty());
    scene.files.write("70/oom_score_adj", "-1000\n"); // its main process
    scene.files.write("71/oom_score_adj", "0\n");
    CHECK(choose(begin + 500ms) == Names{"/a"});
    CHECK(scene.choice.exempt == std::vector{scene.tree.by_path("b")->slot});
}

TEST_CASE("a cgroup whose processes are below it is exempt when all of them are") {
    Scene scene;
    scene.files.write("b/cgroup.procs", "");
    scene.files.write("b/x/cgroup.procs", "70\n71\n");
    scene.rule.victim.among = Among::Children;
    REQUIRE(scene.tree.rescan().has_value());
    scene.follow();
    scene.files.write("70/oom_score_adj", "-1000\n");
    scene.files.write("71/oom_score_adj", "500\n");
    (void)scene.survey.choose(scene.rule, 0, 0, begin, scene.choice);
    CHECK(scene.names() == Names{"/b", "/a"});
    scene.files.write("71/oom_score_adj", "-1000\n");
    (void)scene.survey.choose(scene.rule, 0, 0, begin + 500ms, scene.choice);
    CHECK(scene.names() == Names{"/a"});
}
