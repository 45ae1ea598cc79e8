// SPDX-License-Identifier: LGPL-2.1-or-later
// What is right passes, and what each file is taken for. Messages are in broken.sh.
#include "ctl/check.hpp"

#include "catch.hpp"
#include "tree.hpp"

using namespace reapd;
using namespace reapd::test;

namespace {

const std::string good = "[Rule]\nWatch=/\n[When]\nMemoryPressureFull=40% 2s\n";

struct Said {
    std::string text{};
    bool failed = false;
    bool operator==(const Said&) const = default;
};

/// With the root of `tree` cut out of each message.
Said said(const Tree& tree, std::initializer_list<std::string> names) {
    std::vector<std::string> paths;
    for (const std::string& name : names)
        paths.push_back(tree.root() + "/" + name);
    Checked checked = check(tree.root(), paths);
    checked.text += checked.totals;
    const std::string root = tree.root() + "/";
    for (std::size_t at = 0; (at = checked.text.find(root)) != std::string::npos;)
        checked.text.erase(at, root.size());
    return {.text = std::move(checked.text), .failed = checked.failed};
}

const Said nothing{.text = "0 errors, 0 notes\n"};

} // namespace

TEST_CASE("what is right passes") {
    const Tree tree{{"a.rule", good},
                    {"a.rule.d/50-more.conf", "[Victim]\nAmong=children\n"},
                    {"b.conf", "[Reapd]\nDryRun=yes\n"},
                    {"README", "not looked at in a directory"}};
    CHECK(said(tree, {"a.rule"}) == nothing);
    CHECK(said(tree, {"a.rule", "b.conf"}) == nothing);
    CHECK(said(tree, {""}) == nothing);
    // Incomplete alone, and complete with its rule.
    CHECK(said(tree, {"a.rule.d/50-more.conf"}) == nothing);
    CHECK(said(tree, {"a.rule.d"}) == nothing);
    CHECK(said(tree, {"a.rule.d/"}) == nothing);
}

TEST_CASE("notes alone do not fail") {
    const Tree tree{{"a.rule", "[Rule]\nWatch=/\n[When]\nSwapFree=<10%\n"}, directory("empty")};
    const Said about_rule = said(tree, {"a.rule"});
    CHECK_FALSE(about_rule.failed);
    CHECK_THAT(about_rule.text, contains_text("a.rule:4: note: without MemoryPressureFull="));
    CHECK_THAT(about_rule.text, contains_text("0 errors, 1 note\n"));
    CHECK(said(tree, {"empty"}) ==
          Said{.text = "empty: note: has no *.rule and no *.conf, so nothing was checked\n"
                       "0 errors, 1 note\n"});
}

TEST_CASE("without files all that the daemon would load is checked") {
    const Tree tree{{"etc/reapd/reapd.conf.d/50-bad.conf", "[Reapd]\nDryRun=maybe\n"},
                    {"etc/reapd/rules.d/10-a.rule.d/50-bad.conf", "[Action]\nDo=nothing\n"},
                    {"usr/lib/reapd/rules.d/10-a.rule", good},
                    {"usr/lib/reapd/rules.d/20-hidden.rule", "what a mask hides is not read"},
                    link_to("etc/reapd/rules.d/20-hidden.rule", "/dev/null"),
                    {"run/reapd/rules.d/30-c.rule", good + "[Victim]\nProtect=b.service gone\n"},
                    directory("sys/fs/cgroup/system.slice/b.service")};
    CHECK(said(tree, {}) ==
          Said{.text = "etc/reapd/reapd.conf.d/50-bad.conf:2: error: DryRun=: found 'maybe', "
                       "expected yes or no\n"
                       "etc/reapd/rules.d/10-a.rule.d/50-bad.conf:2: error: Do=: found 'nothing', "
                       "expected log, hint, reclaim, freeze or kill\n"
                       "run/reapd/rules.d/30-c.rule:6: note: Protect=: found 'gone', which "
                       "matches no cgroup now\n"
                       "2 errors, 1 note\n",
               .failed = true});
}

TEST_CASE("a system without any file of its own is right") {
    const Tree tree;
    CHECK(said(tree, {}) == nothing);
}

TEST_CASE("what is impossible is said at the line of the drop-in that makes it so") {
    const Tree tree{{"a.rule", good}, {"a.rule.d/50-self.conf", "\n[Victim]\nAmong=self\n"}};
    const Said about_rule = said(tree, {"a.rule"});
    CHECK(about_rule.failed);
    CHECK_THAT(about_rule.text, contains_text("a.rule.d/50-self.conf:3: error: found Among=self"));
}

TEST_CASE("a limit on some tasks adds nothing only if the one on all always includes it") {
    const auto notes = [](const std::string& some) {
        const Tree tree{{"a.rule", good + "MemoryPressureSome=" + some + "\n"}};
        return said(tree, {"a.rule"}).text.find("has no effect") != std::string::npos;
    };
    CHECK(notes("40% 2s"));
    CHECK_FALSE(notes("40.01% 2s"));
    CHECK(notes("20% 4s"));
    CHECK_FALSE(notes("20.01% 4s"));
    CHECK_FALSE(notes("10% 1s")); // all of the stall may lie in the other second
}

TEST_CASE("a limit that the machine can never, or always, exceed is noted") {
    const Tree tree{{"proc/meminfo", "MemTotal: 1048576 kB\nMemAvailable: 1 kB\n"
                                     "SwapTotal: 524288 kB\nSwapFree: 1 kB\n"},
                    {"a.rule", "[Rule]\nWatch=a\n[When]\nMemoryPressureFull=40% 2s\n"
                               "MemoryAvailable=<2G\nMemoryCurrent=>1G\nSwapUsed=>512M\n"
                               "MemoryGrowth=>1G\n[Victim]\nMinimumSize=1537M\n"},
                    {"b.rule", "[Rule]\nWatch=a\n[When]\nMemoryPressureFull=40% 2s\n"
                               "MemoryAvailable=<1G\nMemoryCurrent=>1023M\nSwapFree=<512M\n"
                               "MemoryGrowth=>1023M\n"
                               "[Victim]\nMinimumSize=1536M\n"}};
    CHECK(said(tree, {"a.rule"}).text ==
          "a.rule:5: note: MemoryAvailable=: found '<2G', but this machine has 1G of memory, so "
          "this always holds\n"
          "a.rule:6: note: MemoryCurrent=: found '>1G', but this machine has 1G of memory, so this "
          "never holds\n"
          "a.rule:7: note: SwapUsed=: found '>512M', but this machine has 512M of swap, so this "
          "never holds\n"
          "a.rule:8: note: MemoryGrowth=: found '>1G', but this machine has 1G of memory, so this "
          "never holds\n"
          "a.rule:10: note: MinimumSize=: found '1537M', but this machine has 1.5G of memory and "
          "swap, so nothing is ever a victim\n"
          "0 errors, 5 notes\n");
    CHECK(said(tree, {"b.rule"}) == nothing);
}

TEST_CASE("a limit on swap is noted where there is none") {
    const Tree tree{{"proc/meminfo", "MemTotal: 1048576 kB\nMemAvailable: 1 kB\n"
                                     "SwapTotal: 0 kB\nSwapFree: 0 kB\n"},
                    {"a.rule", good + "SwapFree=<10%\nSwapUsed=>1G\n"}};
    CHECK(said(tree, {"a.rule"}).text ==
          "a.rule:5: note: SwapFree=: found '<10%', but this machine has no swap, so this always "
          "holds\n"
          "a.rule:6: note: SwapUsed=: found '>1G', but this machine has no swap, so this never "
          "holds\n"
          "0 errors, 2 notes\n");
}

TEST_CASE("what a later line replaces or takes back is not noted") {
    const Tree tree{{"proc/meminfo", "MemTotal: 1048576 kB\nMemAvailable: 1 kB\n"
                                     "SwapTotal: 524288 kB\nSwapFree: 1 kB\n"},
                    {"sys/fs/cgroup/a/cgroup.procs", ""},
                    {"a.rule", "[Rule]\nWatch=nope.slice\nWatch=\nWatch=a\n"
                               "[When]\nMemoryPressureFull=40% 2s\nMemoryAvailable=<90G\n"},
                    {"a.rule.d/50-less.conf", "[When]\nMemoryAvailable=<10%\n"}};
    CHECK(said(tree, {"a.rule"}) == nothing);
}

TEST_CASE("drop-ins of a rule that is not there are noted") {
    const Tree tree{{"etc/reapd/rules.d/a.rule", good},
                    {"etc/reapd/rules.d/a.rule.d/x.conf", "[Rule]\nDescription=x\n"},
                    {"run/reapd/rules.d/b.rule.d/x.conf", "[Rule]\nDescription=x\n"}};
    const Said about_all = said(tree, {});
    CHECK_FALSE(about_all.failed);
    CHECK(about_all.text ==
          "run/reapd/rules.d/b.rule.d: note: changes 'b.rule', and there is no such rule\n"
          "0 errors, 1 note\n");
}

TEST_CASE("a root that is not there is an error, whatever is checked") {
    const Tree tree;
    const Checked checked = check(tree.root() + "/gone", {});
    CHECK(checked.failed);
    CHECK_THAT(checked.text, contains_text("/gone: error: found no directory"));
    CHECK(checked.totals == "1 error, 0 notes\n");
}

TEST_CASE("messages come in the order of files and lines") {
    const Tree tree{{"a.rule", "[Rule]\nWatch=gone\n[When]\nSwapFree=<x\nMemoryPressureFull=1\n"},
                    {"sys/fs/cgroup/a/cgroup.procs", ""}};
    const std::vector<std::string> paths{tree.root() + "/a.rule"};
    const Checked checked = check(tree.root(), paths);
    REQUIRE(checked.messages.size() >= 3);
    CHECK(std::ranges::is_sorted(checked.messages, {}, &Diagnostic::line));
}

TEST_CASE("programs get each message with its file and line") {
    const Tree tree{{"a.rule", "[Rule]\nWatsh=/\n"}};
    const std::vector<std::string> paths{tree.root() + "/a.rule"};
    const Checked checked = check(tree.root(), paths);
    REQUIRE_FALSE(checked.messages.empty());
    CHECK(checked.messages[0].file == paths[0]);
    CHECK(checked.messages[0].line == 2);
}
