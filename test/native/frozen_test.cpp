// SPDX-License-Identifier: LGPL-2.1-or-later

/// Freezing real cgroups so that it is known later who did it.

#include "act/frozen.hpp"

#include "act/freezer.hpp"
#include "act/standstill.hpp"
#include "catch.hpp"
#include "left_frozen.hpp"
#include "native/world.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <string>

using namespace reapd;
using namespace reapd::test;
using namespace std::chrono_literals;

namespace {

void wait_for_ever() {}

bool stands_still(const Cgroup& cgroup) {
    return eventually([&] { return stands_still(cgroup.dir()); });
}

bool ready() {
    if (!cgroups_offered())
        return false;
    const Cgroup trial;
    if (::setxattr((trial.path() + "/cgroup.freeze").c_str(), "user.trial", "1", 1, 0) == 0)
        return true;
    skip("this kernel has no user.* attributes on cgroups (before 5.7)");
    return false;
}

Fd root() { return Fd{::open(hierarchy().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}; }

std::vector<std::string> thaw_all() { return thaw_left_frozen(root()); }

bool holds(const std::vector<std::string>& paths, const Cgroup& cgroup) {
    return std::ranges::find(paths, cgroup.path().substr(hierarchy().size() + 1)) != paths.end();
}

/// Freezes it in a process that is held up before its first write, when the mark is there, until
/// `meanwhile` has returned. Whether the freeze was cancelled for that.
bool freeze_late(const Cgroup& cgroup, const std::function<void()>& meanwhile) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0 || ::raise(SIGSTOP) != 0)
            ::_exit(EXIT_FAILURE);
        const Result<> frozen = freeze(cgroup.dir(), Stay::WhileWatched, "rule tests");
        ::_exit(frozen ? 0 : frozen.error().code);
    }
    int status = -1;
    REQUIRE((::waitpid(child, &status, 0) == child && WIFSTOPPED(status)));
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    for (bool held = false; ::waitpid(child, &status, 0) == child && WIFSTOPPED(status);) {
        __ptrace_syscall_info call{};
        ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call);
        if (!held && call.op == PTRACE_SYSCALL_INFO_ENTRY && call.entry.nr == SYS_pwrite64) {
            held = true;
            CHECK(read_frozen(cgroup.dir().get())->mark == Stay::WhileWatched);
            meanwhile();
        }
        ::ptrace(held ? PTRACE_CONT : PTRACE_SYSCALL, child, nullptr, nullptr);
    }
    REQUIRE(WIFEXITED(status));
    const int error = WEXITSTATUS(status);
    REQUIRE((error == 0 || error == ECANCELED));
    return error == ECANCELED;
}

} // namespace

TEST_CASE("who is frozen stands still, and goes on when thawed") {
    if (!ready())
        return;
    const Cgroup cgroup;
    const Child child{cgroup, wait_for_ever};
    const Stay stay = GENERATE(Stay::UntilThawed, Stay::WhileWatched);
    REQUIRE(freeze(cgroup.dir(), stay, "rule tests"));
    CHECK(stands_still(cgroup));
    CHECK(*read_frozen(cgroup.dir().get()) == FrozenState{.asked = true, .mark = stay});
    REQUIRE(thaw(cgroup.dir()));
    CHECK(*read_frozen(cgroup.dir().get()) == FrozenState{});
}

TEST_CASE("the freezer brings a cgroup to a stand without keeping anybody waiting") {
    if (!ready())
        return;
    Freezer freezer;
    CHECK_FALSE(freezer.begin(root().get(), "rule tests", 1s)); // it has no thread yet
    REQUIRE(freezer.start(0));
    const Cgroup cgroup;
    const Child child{cgroup, wait_for_ever};
    REQUIRE(freezer.begin(cgroup.dir().get(), "rule tests", 1s));
    CHECK(eventually([&] { return freezer.progress().still; }));
    CHECK(stands_still(cgroup));
    CHECK(read_frozen(cgroup.dir().get())->mark == Stay::WhileWatched);
    CHECK(eventually([&] { return freezer.progress().out; }));
    CHECK(freezer.progress().error == 0);

    // Somebody else's is left to him, and the next one is taken all the same.
    const Cgroup foreign;
    REQUIRE(foreign.write("cgroup.freeze", "1"));
    REQUIRE(eventually([&] { return freezer.idle(); }));
    REQUIRE(freezer.begin(foreign.dir().get(), "rule tests", 1s));
    CHECK(eventually([&] { return freezer.progress().out; }));
    CHECK(freezer.progress().error == EALREADY);
    CHECK_FALSE(freezer.progress().still);
    CHECK(*read_frozen(foreign.dir().get()) == FrozenState{.asked = true});
}

TEST_CASE("what a rule froze is thawed when reapd has ended, what a person froze is not") {
    if (!ready())
        return;
    const Cgroup by_rule;
    const Cgroup nest;
    const Cgroup deep{nest, std::string(200, 'd')};
    const Cgroup by_hand{deep, "by hand"};
    const Cgroup by_others;
    REQUIRE(freeze(by_rule.dir(), Stay::WhileWatched, "rule tests"));
    REQUIRE(freeze(deep.dir(), Stay::WhileWatched, "rule tests"));
    REQUIRE(freeze(by_hand.dir(), Stay::UntilThawed, "user 0"));
    REQUIRE(by_others.write("cgroup.freeze", "1"));

    const std::vector<std::string> thawed = thaw_all();
    CHECK(holds(thawed, by_rule));
    CHECK(holds(thawed, deep));
    CHECK_FALSE(holds(thawed, by_hand));
    CHECK_FALSE(holds(thawed, by_others));
    CHECK(*read_frozen(by_rule.dir().get()) == FrozenState{});
    CHECK(*read_frozen(deep.dir().get()) == FrozenState{});
    CHECK(*read_frozen(by_hand.dir().get()) ==
          FrozenState{.asked = true, .mark = Stay::UntilThawed});
    CHECK(*read_frozen(by_others.dir().get()) == FrozenState{.asked = true});
    CHECK_FALSE(holds(thaw_all(), by_rule));
}

TEST_CASE("who is held still goes on in time, however long he who holds him is held up") {
    if (!ready())
        return;
    Thawer thawer;
    REQUIRE(thawer.start());
    const Cgroup cgroup;
    const Child child{cgroup, wait_for_ever};
    const Standstill moment{cgroup.dir(), thawer}; // That it is over it never says.
    CHECK(eventually([&] { return cgroup.read("cgroup.freeze") == "0\n"; }));
    // He was held up when he had marked it, and freezes it only now.
    REQUIRE(cgroup.write("cgroup.freeze", "1"));
    CHECK(eventually([&] { return cgroup.read("cgroup.freeze") == "0\n"; }));
}

TEST_CASE("who is thawed when he was marked and not frozen yet does not stay frozen") {
    if (!ready())
        return;
    const Cgroup cgroup;
    bool cancelled = false;
    SECTION("by who is to find him again") {
        cancelled = freeze_late(cgroup, [&] { thaw_passing(open_freeze_file(cgroup.dir())); });
        CHECK_FALSE(cancelled);
        CHECK(read_frozen(cgroup.dir().get())->mark == Stay::WhileWatched);
        CHECK(thaw_left_behind(cgroup.dir()));
    }
    SECTION("by a person") {
        cancelled = freeze_late(cgroup, [&] { REQUIRE(thaw(cgroup.dir())); });
        CHECK(cancelled);
    }
    CHECK(*read_frozen(cgroup.dir().get()) == FrozenState{});
}

TEST_CASE("a person's freeze in the same moment outlasts that of a rule") {
    if (!ready())
        return;
    const Cgroup cgroup;
    CHECK_FALSE(
        freeze_late(cgroup, [&] { REQUIRE(freeze(cgroup.dir(), Stay::UntilThawed, "user 0")); }));
    CHECK(*read_frozen(cgroup.dir().get()) ==
          FrozenState{.asked = true, .mark = Stay::UntilThawed});
}

TEST_CASE("who stands still for a moment goes on after it, unless a person wants otherwise") {
    if (!ready())
        return;
    Thawer thawer;
    REQUIRE(thawer.start());
    const Cgroup cgroup;
    const Child child{cgroup, wait_for_ever};
    {
        const Standstill moment{cgroup.dir(), thawer};
        CHECK(stands_still(cgroup));
        CHECK(read_frozen(cgroup.dir().get())->mark == Stay::WhileWatched);
    }
    CHECK(*read_frozen(cgroup.dir().get()) == FrozenState{});
    const FrozenState by_hand{.asked = true, .mark = Stay::UntilThawed};
    {
        const Standstill moment{cgroup.dir(), thawer};
        REQUIRE(freeze(cgroup.dir(), Stay::UntilThawed, "user 0"));
    }
    CHECK(*read_frozen(cgroup.dir().get()) == by_hand);
    {
        const Standstill moment{cgroup.dir(), thawer};
    }
    CHECK(*read_frozen(cgroup.dir().get()) == by_hand);
    REQUIRE(thaw(cgroup.dir()));
}

TEST_CASE("a mark without a freeze harms nobody and does not remain") {
    if (!ready())
        return;
    const Cgroup cgroup;
    REQUIRE(freeze(cgroup.dir(), Stay::WhileWatched, "rule tests"));
    REQUIRE(cgroup.write("cgroup.freeze", "0")); // by its owner
    CHECK_FALSE(holds(thaw_all(), cgroup));
    CHECK(*read_frozen(cgroup.dir().get()) == FrozenState{});
}

TEST_CASE("what somebody else froze stays his") {
    if (!ready())
        return;
    const Cgroup cgroup;
    REQUIRE(cgroup.write("cgroup.freeze", "1"));
    const Result<> frozen = freeze(cgroup.dir(), Stay::WhileWatched, "rule tests");
    REQUIRE_FALSE(frozen);
    CHECK(frozen.error().code == EALREADY);
    CHECK(*read_frozen(cgroup.dir().get()) == FrozenState{.asked = true});
}

TEST_CASE("a person may keep what a rule froze, and no rule lets go of what a person froze") {
    if (!ready())
        return;
    const Cgroup cgroup;
    REQUIRE(freeze(cgroup.dir(), Stay::WhileWatched, "rule tests"));
    REQUIRE(freeze(cgroup.dir(), Stay::UntilThawed, "user 0"));
    const FrozenState kept{.asked = true, .mark = Stay::UntilThawed};
    CHECK(*read_frozen(cgroup.dir().get()) == kept);
    CHECK_FALSE(freeze(cgroup.dir(), Stay::WhileWatched, "rule tests"));
    CHECK(*read_frozen(cgroup.dir().get()) == kept);
}

TEST_CASE("a mark that is none of ours counts as none") {
    if (!ready())
        return;
    const std::string text =
        GENERATE(as<std::string>{}, "", " ", "passesby", "thaw", std::string(4000, 'x'));
    CAPTURE(text);
    const Cgroup cgroup;
    const std::string file = cgroup.path() + "/cgroup.freeze";
    REQUIRE(::setxattr(file.c_str(), "user.reapd_frozen", text.data(), text.size(), 0) == 0);
    REQUIRE(cgroup.write("cgroup.freeze", "1"));
    CHECK_FALSE(holds(thaw_all(), cgroup));
    CHECK(*read_frozen(cgroup.dir().get()) == FrozenState{.asked = true});
}

TEST_CASE("who may not freeze a cgroup cannot forge its mark, even if the directory is his") {
    if (!ready())
        return;
    if (::getuid() != 0) {
        skip("only root can become somebody else");
        return;
    }
    const Cgroup cgroup;
    constexpr uid_t somebody = 60001;
    REQUIRE(::chown(cgroup.path().c_str(), somebody, somebody) == 0);
    REQUIRE(freeze(cgroup.dir(), Stay::UntilThawed, "user 0"));
    const std::string file = cgroup.path() + "/cgroup.freeze";
    const pid_t child = ::fork();
    if (child == 0) {
        const bool is_he = ::setgid(somebody) == 0 && ::setuid(somebody) == 0;
        const bool forged = ::setxattr(file.c_str(), "user.reapd_frozen", "passes x", 8, 0) == 0 ||
                            ::removexattr(file.c_str(), "user.reapd_frozen") == 0;
        ::_exit(is_he && !forged ? 0 : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(*read_frozen(cgroup.dir().get()) ==
          FrozenState{.asked = true, .mark = Stay::UntilThawed});
}

TEST_CASE("the longest name of a rule or a person fits into the mark") {
    if (!ready())
        return;
    const Cgroup cgroup;
    REQUIRE(freeze(cgroup.dir(), Stay::WhileWatched, "rule " + std::string(5000, 'n')));
    CHECK(read_frozen(cgroup.dir().get())->mark == Stay::WhileWatched);
}
