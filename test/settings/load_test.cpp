// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/load.hpp"

#include "base/fd.hpp"
#include "catch.hpp"
#include "settings/config_file.hpp"
#include "settings/glob.hpp"
#include "settings/rule_file.hpp"
#include "settings/shipped.hpp"
#include "tree.hpp"

#include <sys/stat.h>

#include <algorithm>

using namespace reapd;
using namespace reapd::test;
using namespace std::chrono_literals;

namespace {

const std::string good_rule = "[Rule]\nWatch=/\n[When]\nMemoryPressureFull=40% 2s\n";

struct Outcome {
    std::optional<Rule> rule{};
    std::vector<Diagnostic> diagnostics{};
};

Outcome make(std::string_view text) {
    Outcome outcome;
    const SettingsFile file{.path = "r.rule", .text = std::string{text}};
    outcome.rule = make_rule("r", {&file, 1}, outcome.diagnostics);
    return outcome;
}

/// The messages about a rule that is off because of them, one a line.
std::string refusal(std::string_view text) {
    const Outcome outcome = make(text);
    CHECK_FALSE(outcome.rule);
    CHECK(has_error(outcome.diagnostics));
    std::string all;
    for (const Diagnostic& diagnostic : outcome.diagnostics)
        all += to_text(diagnostic) + '\n';
    return all;
}

std::string messages(const Loaded& loaded, const std::string& root) {
    std::string all;
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
        const std::string text = to_text(diagnostic);
        all += (text.starts_with(root) ? text.substr(root.size()) : text) + '\n';
    }
    return all;
}

std::vector<std::string> names(const Loaded& loaded) {
    std::vector<std::string> all;
    all.reserve(loaded.policy.rules.size());
    for (const Rule& rule : loaded.policy.rules)
        all.push_back(rule.name);
    return all;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("every key of a rule reaches its field") {
    const Outcome outcome = make("[Rule]\n"
                                 "Description=Apps die first\n"
                                 "Watch=/user.slice system.slice\n"
                                 "Watch=/\n"
                                 "[When]\n"
                                 "MemoryPressureFull=40% 2s\n"
                                 "MemoryPressureSome=60% 10s\n"
                                 "MemoryAvailable=<10%\n"
                                 "SwapFree=<500M\n"
                                 "SwapUsed=>90%\n"
                                 "[Victim]\n"
                                 "Among=children\n"
                                 "Order=swap size\n"
                                 "Protect=db.service system.slice/cache.service\n"
                                 "ProcessesIn=user.slice/user-*.slice/session-*.scope\n"
                                 "MinimumSize=100M\n"
                                 "[Action]\n"
                                 "Do=log\n"
                                 "Release=no\n"
                                 "MaxUseless=3\n");
    CHECK(outcome.diagnostics.empty());
    REQUIRE(outcome.rule);
    using Side = AmountLimit::Side;
    CHECK(*outcome.rule ==
          Rule{.name = "r",
               .file = "r.rule",
               .description = "Apps die first",
               .watch = {"user.slice", "system.slice", "/"},
               .when = {.pressure_some = PressureLimit{{6000}, 10s},
                        .pressure_full = PressureLimit{{4000}, 2s},
                        .memory_available = AmountLimit{Side::Below, Permyriad{1000}, {}},
                        .swap_free = AmountLimit{Side::Below, std::nullopt, mib(500)},
                        .swap_used = AmountLimit{Side::Above, Permyriad{9000}, {}}},
               .victim = {.among = Among::Children,
                          .order = {Order::Swap, Order::Size},
                          .protect = {"db.service", "system.slice/cache.service"},
                          .processes_in = {"user.slice/user-*.slice/session-*.scope"},
                          .minimum_size = mib(100)},
               .action = Action::Log,
               .release = Release::No,
               .max_useless = 3});
}

TEST_CASE("a rule without a key has the default of the table, and an empty value means it") {
    Rule defaults;
    defaults.name = "r";
    defaults.file = "r.rule";
    defaults.watch = {"/"};
    defaults.when.pressure_full = PressureLimit{{4000}, 2s};
    CHECK(make(good_rule).rule == defaults);
    CHECK(make(good_rule +
               "MemoryAvailable=<5%\nMemoryAvailable=\n"
               "[Victim]\nAmong=self\nAmong=\nOrder=swap\nOrder=\nMinimumSize=1G\nMinimumSize=\n"
               "Protect=a b\nProtect=\nProcessesIn=c\nProcessesIn=\n"
               "[Action]\nDo=log\nDo=\nRelease=no\nRelease=\nMaxUseless=9\nMaxUseless=\n")
              .rule == defaults);
    CHECK(
        make("[Rule]\nWatch=a.slice\nWatch=\nWatch=/\n[When]\nMemoryPressureFull=40% 2s\n").rule ==
        defaults);
    // The fields of the struct and the table hold the same defaults.
    for (const Setting<RuleDraft>& setting : rule_settings()) {
        RuleDraft draft;
        CAPTURE(setting.name.key);
        CHECK(setting.set(draft, setting.name.fallback).empty());
        CHECK(draft.rule == Rule{});
        CHECK(draft.enabled);
    }
}

TEST_CASE("a mistake in a rule is said with what was expected and what was probably meant") {
    CHECK(refusal("[Rule]\nWacth=/\n") ==
          "r.rule:2: error: found key 'Wacth' in [Rule], expected a key of that section; did you "
          "mean Watch=?\n");
    CHECK(refusal("[Victim]\nWatch=/\n") ==
          "r.rule:2: error: found key 'Watch' in [Victim], expected a key of that section; did you "
          "mean Watch= in [Rule]?\n");
    CHECK(refusal("[Action]\nKillSignal=1\n") == "r.rule:2: error: found key 'KillSignal' in "
                                                 "[Action], expected one of Do, GraceSec, Release, "
                                                 "CooldownSec, MaxUseless, Advice, Budget, "
                                                 "Idle, IntervalSec, Swappiness, Freeze, "
                                                 "FreezeMaxSec, FreezeThen\n");
    CHECK(refusal("[rule]\nWatch=/\n") == "r.rule:1: error: found section 'rule', expected [Rule], "
                                          "[When], [Victim], [Action]; did you mean [Rule]?\n");
    CHECK(refusal("[When]\nMemoryPressureFull=40\n") ==
          "r.rule:2: error: MemoryPressureFull=: found '40', expected a share and a window, as 40% "
          "2s\n");
    CHECK(refusal("[Victim]\nMinimumSize=50M # small\n") ==
          "r.rule:2: error: MinimumSize=: found '50M # small', expected a size in bytes, or with "
          "K, M, G or T (base 1024), as 50M (a comment must stand on its own line)\n");
    CHECK_THAT(refusal("[Rule]\nWatch=a.slice # whose\n"), contains_text("found '#'"));
    CHECK_THAT(refusal("[Victim]\nProtect=/\n"), contains_text("cgroups below the root"));
}

TEST_CASE("a rule that cannot work is refused though each value is good") {
    const std::string good{good_rule};
    CHECK_THAT(refusal("[When]\nMemoryPressureFull=40% 2s\n"), contains_text("found no Watch="));
    CHECK_THAT(refusal("[Rule]\nWatch=/\n"), contains_text("found no condition"));
    CHECK_THAT(refusal(""), contains_text("found no Watch="));
    CHECK_THAT(refusal(good + "[Victim]\nAmong=self\n"),
               contains_text("the root is never a victim"));
    CHECK_THAT(refusal(good + "[Victim]\nAmong=processes\nProcessesIn=a.scope\n"),
               contains_text("found ProcessesIn= with"));
    CHECK_THAT(refusal("[Rule]\nWatch=a\n[When]\nSwapFree=<1%\n[Victim]\nProtect=/a b\n"),
               contains_text("spared by Protect="));
}

TEST_CASE("a setting that means nothing for the action of its rule is refused at its line") {
    const std::string good{good_rule};
    CHECK(refusal(good + "[Action]\nAdvice=cold\n") ==
          "r.rule:6: error: found Advice= with Do=kill, expected Do=hint beside it\n");
    CHECK(refusal(good + "[Action]\nDo=hint\nGraceSec=5s\n") ==
          "r.rule:7: error: found GraceSec= with Do=hint, expected Do=log or kill beside it\n");
    CHECK(refusal(good + "[Action]\nDo=reclaim\nAdvice=pageout\n") ==
          "r.rule:7: error: found Advice= with Do=reclaim, expected Do=hint beside it\n");
    CHECK(refusal(good + "[Action]\nDo=reclaim\nFreeze=yes\n") ==
          "r.rule:7: error: found Freeze= with Do=reclaim, expected Do=hint beside it\n");
    CHECK(refusal(good + "[Action]\nDo=log\nBudget=5M\n") ==
          "r.rule:7: error: found Budget= with Do=log, expected Do=hint or reclaim beside it\n");
    CHECK_THAT(refusal(good + "[Victim]\nAmong=processes\n[Action]\nDo=hint\n"),
               contains_text("r.rule:6: error: found Among=processes with Do=hint"));
    CHECK_THAT(refusal(good + "[Victim]\nProcessesIn=a.scope\n[Action]\nDo=freeze\n"),
               contains_text("r.rule:6: error: found ProcessesIn= with Do=freeze"));
    CHECK(refusal(good + "[Action]\nDo=freeze\nGraceSec=1s\n") ==
          "r.rule:7: error: found GraceSec= with Do=freeze, expected Do=log or kill beside it\n");
    CHECK(refusal(good + "[Action]\nFreezeThen=kill\n") ==
          "r.rule:6: error: found FreezeThen= with Do=kill, expected Do=freeze beside it\n");
    CHECK_THAT(refusal(good + "[Action]\nBudget=1K\n"), contains_text("at least 1M"));
    CHECK_THAT(refusal(good + "[Action]\nIntervalSec=10ms\n"), contains_text("from 1s to 1d"));
    // A drop-in may take a value back.
    CHECK(make(good + "[Action]\nDo=reclaim\nGraceSec=5s\nGraceSec=\n").rule);
}

TEST_CASE("a rule that cools has all of its values, and needs no condition") {
    const auto outcome = make("[Rule]\nWatch=app.slice\n[Action]\nDo=reclaim\nBudget=64M\n"
                              "Idle=10min\nIntervalSec=30s\nSwappiness=200\n");
    CHECK(outcome.diagnostics.empty());
    REQUIRE(outcome.rule);
    CHECK(outcome.rule->action == Action::Reclaim);
    CHECK(outcome.rule->cooling ==
          Cooling{.budget = mib(64), .idle = 10min, .interval = 30s, .swappiness = 200});
}

TEST_CASE("what a rule that cools lacks is noted at its line") {
    const auto notes = [](const std::string& action, const KernelOffers& kernel) {
        const SettingsFile file{.path = "r.rule",
                                .text = std::string{good_rule} + "[Action]\n" + action};
        std::vector<Diagnostic> found;
        REQUIRE(make_rule("r", {&file, 1}, found, kernel));
        return found.empty() ? std::string{} : to_text(found[0]);
    };
    CHECK(notes("Do=hint\n", {.madvise = true, .swap = true}).empty());
    CHECK(notes("Do=hint\n", {}).empty());
    CHECK(notes("Do=hint\n", {.madvise = false}) ==
          "r.rule:6: note: Do=hint: this kernel has no process_madvise, so the rule does nothing");
    CHECK(notes("Do=reclaim\n", {.reclaim = true, .swap = false}) ==
          "r.rule:6: note: Do=reclaim: this machine has no swap, so the rule does nothing until it "
          "has");
    CHECK(notes("Do=hint\nAdvice=cold\n", {.swap = false}).empty());
    CHECK(notes("Do=reclaim\nSwappiness=10\n", {.swappiness = false}) ==
          "r.rule:7: note: Swappiness=: this kernel's memory.reclaim takes none, so the machine's "
          "counts");
}

TEST_CASE("a rule that freezes says for how long and what then") {
    const Outcome outcome =
        make(good_rule + "[Action]\nDo=freeze\nFreezeMaxSec=10min\nFreezeThen=kill\n");
    CHECK(outcome.diagnostics.empty());
    REQUIRE(outcome.rule);
    CHECK(outcome.rule->action == Action::Freeze);
    CHECK(outcome.rule->freezing == Freezing{.longest = 10min, .then = FreezeThen::Kill});
}

TEST_CASE("what is legal but remarkable is a note, and the rule works") {
    const Outcome twice = make(good_rule + "MemoryPressureFull=50% 2s\n");
    REQUIRE(twice.rule);
    CHECK(twice.rule->when.pressure_full == PressureLimit{{5000}, 2s});
    REQUIRE(twice.diagnostics.size() == 1);
    CHECK(to_text(twice.diagnostics[0]) ==
          "r.rule:5: note: MemoryPressureFull= replaces its value of line 4");

    const Outcome polling = make("[Rule]\nWatch=/\n[When]\nMemoryAvailable=<5%\n");
    REQUIRE(polling.rule);
    REQUIRE(polling.diagnostics.size() == 1);
    CHECK_THAT(to_text(polling.diagnostics[0]), contains_text("wakes the machine up"));
}

TEST_CASE("a rule that was cut short inside a line never works silently") {
    const std::string whole{shipped_rules().back().text};
    REQUIRE(make(whole).rule);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        const std::string text = whole.substr(0, length);
        if (!text.ends_with('\n'))
            CHECK_FALSE(make(text).diagnostics.empty());
    }
}

TEST_CASE("damage anywhere in a rule is survived") {
    const std::string whole{shipped_rules().back().text};
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const char byte : {'\0', '\n', '\\', '=', '[', '%', '\x80', '9'}) {
            std::string text = whole;
            text[at] = byte;
            const Outcome outcome = make(text);
            if (has_error(outcome.diagnostics) == outcome.rule.has_value())
                FAIL("a rule beside an error, or neither: " << text);
        }
    }
}

TEST_CASE("every key of reapd.conf reaches its field") {
    const Tree tree{{"etc/reapd/reapd.conf", "[Reapd]\n"
                                             "DryRun=yes\n"
                                             "ReaperThreads=2\n"
                                             "ReaperCPUAffinity=0-1\n"
                                             "ReaperCPUAffinity=5 1\n"
                                             "ReaperNice=5\n"
                                             "SampleIntervalSec=50ms\n"
                                             "MaxCgroups=1000\n"
                                             "Essential=\n"
                                             "Essential=db.service\n"
                                             "Essential=a.slice/web.service\n"
                                             "HistorySize=64\n"
                                             "ManagedOOM=no\n"
                                             "DefaultMemoryPressureLimit=55.5%\n"
                                             "DefaultMemoryPressureDurationSec=2s\n"
                                             "SwapUsedLimit=80%\n"}};
    const Loaded loaded = load_settings(tree.root());
    CHECK_FALSE(loaded.failed());
    CHECK(loaded.policy.config == Config{.dry_run = true,
                                         .reaper_threads = 2,
                                         .reaper_cpus = {0, 1, 5},
                                         .reaper_nice = 5,
                                         .sample_interval = 50ms,
                                         .max_cgroups = 1000,
                                         .essential = {"db.service", "a.slice/web.service"},
                                         .history_size = 64,
                                         .managed_oom = false,
                                         .managed_pressure_limit = {5550},
                                         .managed_pressure_duration = 2s,
                                         .swap_used_limit = {8000}});
}

TEST_CASE("a broken key of reapd.conf has its default, the others count") {
    const Tree tree{{"etc/reapd/reapd.conf", "[Reapd]\n"
                                             "MaxCgroups=63\n"
                                             "SampleIntervalSec=19ms\n"
                                             "HistorySize=1\n"
                                             "ReaperNice=-21\n"
                                             "ReaperThreads=65\n"
                                             "Essential=bad//glob db.service\n"
                                             "Colour=red\n"
                                             "DryRun=yes\n"}};
    const Loaded loaded = load_settings(tree.root());
    CHECK(loaded.failed());
    Config expected = default_config();
    expected.dry_run = true;
    expected.essential.emplace_back("db.service");
    CHECK(loaded.policy.config == expected);
    const std::string said = messages(loaded, tree.root());
    CHECK(std::ranges::count(said, '\n') == 7);
    CHECK_THAT(said,
               contains_text("/etc/reapd/reapd.conf:2: error: MaxCgroups=: found '63', expected a "
                             "whole number from 64 to 1048576\n"));
    CHECK_THAT(said,
               contains_text("/etc/reapd/reapd.conf:3: error: SampleIntervalSec=: found '19ms', "
                             "expected a time span from 20ms to 5s\n"));
    CHECK_THAT(said, contains_text(":7: error: Essential=: found 'bad//glob'"));
    CHECK_THAT(said, contains_text(":8: error: found key 'Colour'"));
}

TEST_CASE("a bad drop-in leaves the default, not the value before it") {
    const Tree tree{{"etc/reapd/reapd.conf", "[Reapd]\nMaxCgroups=1000\n"},
                    {"etc/reapd/reapd.conf.d/50.conf", "[Reapd]\nMaxCgroups=many\n"}};
    CHECK(load_settings(tree.root()).policy.config.max_cgroups == Config{}.max_cgroups);
}

TEST_CASE("the defaults of the table and of the struct are the same") {
    Config config = default_config();
    CHECK(config.essential.size() > 20);
    // A name without a path would shield what an unprivileged user calls so.
    for (const std::string& glob : config.essential)
        CHECK(glob.find('/') != std::string::npos);
    config.essential.clear();
    CHECK(config == Config{});
    for (const Setting<Config>& setting : config_settings()) {
        CAPTURE(setting.name.key);
        CHECK(setting.set(config, setting.name.fallback).empty());
    }
}

TEST_CASE("files are found in systemd's order") {
    const Tree tree{
        {"usr/lib/reapd/reapd.conf", "[Reapd]\nMaxCgroups=100\nHistorySize=100\n"},
        {"run/reapd/reapd.conf", "[Reapd]\nMaxCgroups=200\n"},
        {"usr/lib/reapd/reapd.conf.d/20-b.conf", "[Reapd]\nReaperNice=2\nReaperThreads=2\n"},
        {"run/reapd/reapd.conf.d/10-a.conf", "[Reapd]\nReaperNice=1\nSampleIntervalSec=30ms\n"},
        {"usr/local/lib/reapd/reapd.conf.d/10-a.conf", "[Reapd]\nSampleIntervalSec=40ms\n"},
        {"usr/lib/reapd/reapd.conf.d/30-c.conf", "[Reapd]\nReaperNice=3\n"},
        link_to("etc/reapd/reapd.conf.d/30-c.conf", "/dev/null"),
        {"etc/reapd/reapd.conf.d/40-d.conf~", "[Reapd]\nReaperNice=4\n"},
        {"etc/reapd/reapd.conf.d/.50-e.conf", "[Reapd]\nReaperNice=5\n"},
        {"etc/reapd/reapd.conf.d/60-f.conf.dpkg-new", "[Reapd]\nReaperNice=6\n"},
    };
    const Loaded loaded = load_settings(tree.root());
    CHECK_FALSE(loaded.failed());
    Config expected = default_config();
    expected.max_cgroups = 200; // /run before /usr/lib, as a whole file
    expected.reaper_nice = 2;   // 20-b after 10-a, whatever the directories
    expected.reaper_threads = 2;
    expected.sample_interval = 30ms; // /run hides /usr/local/lib
    CHECK(loaded.policy.config == expected);
}

TEST_CASE("rules come from all directories in the order of their names") {
    const Tree tree{
        {"usr/lib/reapd/rules.d/20-b.rule", good_rule},
        {"etc/reapd/rules.d/10-a.rule", good_rule},
        {"usr/local/lib/reapd/rules.d/30-c.rule", good_rule},
        {"run/reapd/rules.d/40-d.rule", good_rule},
        {"etc/reapd/rules.d/40-d.rule",
         "[Rule]\nDescription=mine\nWatch=a\n[When]\nSwapFree=<1%\n"},
        {"etc/reapd/rules.d/50-off.rule", good_rule + "[Rule]\nEnabled=no\n"},
        {"usr/lib/reapd/rules.d/60-masked.rule", good_rule},
        link_to("etc/reapd/rules.d/60-masked.rule", "/dev/null"),
        {"etc/reapd/rules.d/README", "not a rule"},
        {"etc/reapd/rules.d/20-b.rule.d/x.conf", "[Rule]\nWatch=\nWatch=b.slice\n"},
        link_to("etc/reapd/rules.d/70-link.rule", "10-a.rule"),
    };
    const Loaded loaded = load_settings(tree.root());
    CAPTURE(messages(loaded, tree.root()));
    CHECK_FALSE(loaded.failed());
    CHECK_FALSE(loaded.builtin);
    CHECK(names(loaded) == Names{"10-a", "20-b", "30-c", "40-d", "70-link"});
    CHECK(loaded.policy.rules[0].file == tree / "etc/reapd/rules.d/10-a.rule");
    CHECK(loaded.policy.rules[1].watch == std::vector<std::string>{"b.slice"});
    CHECK(loaded.policy.rules[3].description == "mine");
}

TEST_CASE("one broken rule is off, the others work") {
    const Tree tree{
        {"etc/reapd/rules.d/10-bad.rule", "[Rule]\nWatch=/\n[When]\nMemoryPressureFull=much\n"},
        {"etc/reapd/rules.d/20-good.rule", good_rule},
        {"etc/reapd/rules.d/30-badly extended.rule", good_rule},
        {"etc/reapd/rules.d/40-extended.rule", good_rule},
        {"etc/reapd/rules.d/40-extended.rule.d/x.conf", "[Victim]\nAmong=some\n"},
    };
    const Loaded loaded = load_settings(tree.root());
    CHECK(loaded.failed());
    CHECK_FALSE(loaded.builtin);
    CHECK(names(loaded) == Names{"20-good"});
    const std::string said = messages(loaded, tree.root());
    CHECK(std::ranges::count(said, '\n') == 3);
    CHECK_THAT(said,
               contains_text("/etc/reapd/rules.d/10-bad.rule:4: error: MemoryPressureFull=: "));
    CHECK_THAT(said, contains_text("as the name of a rule, expected letters"));
    CHECK_THAT(said,
               contains_text("/etc/reapd/rules.d/40-extended.rule.d/x.conf:2: error: Among=: "));
}

TEST_CASE("something else in place of a file is said and never waited for") {
    const Tree tree{
        {"etc/reapd/rules.d/10-good.rule", good_rule},
        directory("etc/reapd/rules.d/20-directory.rule"),
        link_to("etc/reapd/rules.d/30-dangling.rule", "nowhere"),
        link_to("etc/reapd/rules.d/40-loop.rule", "40-loop.rule"),
        link_to("etc/reapd/rules.d/50-device.rule", "/dev/zero"),
        {"etc/reapd/rules.d/60-large.rule", std::string((1U << 20) + 1, '#')},
        {"etc/reapd/reapd.conf.d", "a file where a directory belongs"},
        directory("etc/reapd/reapd.conf"),
        {"usr/lib/reapd/reapd.conf", "[Reapd]\nDryRun=yes\n"},
    };
    REQUIRE(::mkfifo((tree / "etc/reapd/rules.d/70-fifo.rule").c_str(), 0600) == 0);
    const Loaded loaded = load_settings(tree.root());
    CHECK(loaded.failed());
    CHECK(names(loaded) == Names{"10-good"});
    CHECK(loaded.policy.config == default_config());
    CHECK(messages(loaded, tree.root()) ==
          "/etc/reapd/reapd.conf: error: found a directory, expected a file\n"
          "/etc/reapd/reapd.conf.d: error: found no readable directory (Not a directory), expected "
          "one\n"
          "/etc/reapd/rules.d/20-directory.rule: error: found a directory, expected a file\n"
          "/etc/reapd/rules.d/30-dangling.rule: error: found no readable file (No such file or "
          "directory), expected one\n"
          "/etc/reapd/rules.d/40-loop.rule: error: found no readable file (Too many levels of "
          "symbolic links), expected one\n"
          "/etc/reapd/rules.d/50-device.rule: error: found a device, expected a file\n"
          "/etc/reapd/rules.d/60-large.rule: error: found more than 1048576 bytes, expected at "
          "most 1048576\n"
          "/etc/reapd/rules.d/70-fifo.rule: error: found a FIFO, expected a file\n");
}

TEST_CASE("a file that is gone since it was listed is no error") {
    const Tree tree;
    std::vector<Diagnostic> diagnostics;
    CHECK_FALSE(read_file({.name = "a.rule", .path = tree / "a.rule"}, diagnostics));
    CHECK(diagnostics.empty());
}

TEST_CASE("with no rule left the shipped ones run from memory") {
    const Names shipped{"04-idle-hint", "05-idle-reclaim", "10-machine", "20-slice"};
    const Tree empty;
    const Loaded none = load_settings(empty.root());
    CHECK(none.builtin);
    CHECK_FALSE(none.failed());
    CHECK(names(none) == shipped);
    CHECK(none.policy.config == default_config());

    const Tree broken{{"etc/reapd/rules.d/10-machine.rule", "[Rule]\n"}};
    const Loaded lost = load_settings(broken.root());
    CHECK(lost.builtin);
    CHECK(lost.failed());
    CHECK(names(lost) == shipped);
}

TEST_CASE("who switches every rule off gets none") {
    const Tree tree{link_to("etc/reapd/rules.d/10-machine.rule", "/dev/null"),
                    {"usr/lib/reapd/rules.d/10-machine.rule", good_rule},
                    {"usr/lib/reapd/rules.d/20-slice.rule", good_rule},
                    {"etc/reapd/rules.d/20-slice.rule.d/off.conf", "[Rule]\nEnabled=no\n"}};
    const Loaded loaded = load_settings(tree.root());
    CHECK_FALSE(loaded.failed());
    CHECK_FALSE(loaded.builtin);
    CHECK(names(loaded).empty());
    CHECK_THAT(messages(loaded, tree.root()), contains_text("note: every rule is masked"));
}

TEST_CASE("more rules than a policy can hold are said and left out") {
    const Tree tree;
    for (std::size_t i = 0; i < max_rules + 2; ++i)
        tree.add({"etc/reapd/rules.d/" + std::to_string(100 + i) + ".rule", good_rule});
    const Loaded loaded = load_settings(tree.root());
    CHECK(loaded.policy.rules.size() == max_rules);
    CHECK(loaded.policy.rules.back().name == "163");
    CHECK(loaded.failed());
    CHECK(loaded.diagnostics.size() == 2);
}

TEST_CASE("a thousand drop-ins are read") {
    const Tree tree;
    for (int i = 1000; i < 2000; ++i) {
        const std::string number = std::to_string(i);
        tree.add(
            {"etc/reapd/reapd.conf.d/" + number + ".conf", "[Reapd]\nMaxCgroups=" + number + "\n"});
    }
    CHECK(load_settings(tree.root()).policy.config.max_cgroups == 1999);
}

TEST_CASE("the shipped rules protect a plain machine") {
    const Tree empty;
    const Loaded loaded = load_settings(empty.root());
    CHECK(loaded.diagnostics.empty());
    REQUIRE(loaded.policy.rules.size() == 4);
    const Rule& machine = loaded.policy.rules[2];
    CHECK(machine.watch == std::vector<std::string>{"/"});
    CHECK(machine.when == When{.pressure_full = PressureLimit{{2000}, 1s},
                               .memory_available = AmountLimit{.share = Permyriad{1000}}});
    const Rule& slice = loaded.policy.rules[3];
    CHECK(slice.when == When{.pressure_full = PressureLimit{{4000}, 10s}});
    for (const Rule* const rule : {&machine, &slice}) {
        CHECK(rule->action == Action::Kill);
        CHECK(rule->victim.among == Among::Leaves);
        CHECK(rule->victim.processes_in ==
              std::vector<std::string>{"user.slice/user-*.slice/session-*.scope"});
        CHECK(rule->victim.order == std::vector{Order::Growth, Order::Size});
    }
}

TEST_CASE("before a shipped rule kills, hints and then reclaim have a lower limit each") {
    const Tree empty;
    const std::vector<Rule> rules = load_settings(empty.root()).policy.rules;
    REQUIRE(rules.size() == 4);
    CHECK(rules[0].action == Action::Hint);
    CHECK(rules[1].action == Action::Reclaim);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK_FALSE(rules[i].description.empty());
        CHECK(rules[i].cooling.idle > 0s);
        CHECK(rules[i].when.memory_available->share > rules[i + 1].when.memory_available->share);
    }
    CHECK(rules[0].when.pressure_some->share < rules[2].when.pressure_full->share);
    CHECK(rules[1].when.pressure_full->share < rules[2].when.pressure_full->share);
}

TEST_CASE("shipped hints and reclaim come to the desktop and to logins last") {
    const Tree empty;
    const std::vector<Rule> rules = load_settings(empty.root()).policy.rules;
    REQUIRE(rules.size() == 4);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto avoids = [&](std::string_view path) {
            return covers(rules[i].victim.avoid, path);
        };
        const std::string user = "user.slice/user-1000.slice";
        CHECK(avoids(user + "/session-2.scope"));
        CHECK(avoids(user + "/user@1000.service/session.slice"));
        CHECK(avoids(user + "/user@1000.service/session.slice/compositor.service"));
        CHECK_FALSE(avoids(user + "/user@1000.service/app.slice/editor.scope"));
        CHECK_FALSE(avoids("system.slice/database.service"));
    }
}

TEST_CASE("that there is no swap is said once for all rules that need it") {
    const Tree tree{
        {"etc/reapd/rules.d/10-hint.rule", good_rule + "[Action]\nDo=hint\n"},
        {"etc/reapd/rules.d/20-cold.rule", good_rule + "[Action]\nDo=hint\nAdvice=cold\n"},
        {"etc/reapd/rules.d/30-reclaim.rule", good_rule + "[Action]\nDo=reclaim\n"},
        {"etc/reapd/rules.d/40-kill.rule", good_rule}};
    const Loaded loaded = load_settings(tree.root(), {.swap = false});
    CHECK(messages(loaded, tree.root()) ==
          "reapd/rules.d: note: this machine has no swap; until it has, nothing is done by "
          "10-hint, 30-reclaim\n");
    CHECK(load_settings(tree.root(), {.swap = true}).diagnostics.empty());
    CHECK(load_settings(tree.root()).diagnostics.empty());
}

TEST_CASE("Release=bounded is noted where it is known that the kernel cannot, at its line") {
    const auto notes = [](std::optional<bool> offered, std::string drop_in) {
        const SettingsFile files[] = {
            {.path = "r.rule", .text = "[Rule]\nWatch=/\n[When]\nMemoryPressureFull=40% 2s\n"},
            {.path = "r.conf", .text = "[Action]\nRelease=bounded\n" + drop_in}};
        std::vector<Diagnostic> diagnostics;
        CHECK(make_rule("r", files, diagnostics, {.bounded_release = offered}));
        return diagnostics;
    };
    const auto found = notes(false, "");
    REQUIRE(found.size() == 1);
    CHECK(to_text(found[0]) == "r.conf:2: note: Release=bounded: this kernel's process_mrelease "
                               "takes no bounds, so memory is taken back as with Release=yes");
    CHECK(notes(true, "").empty());
    CHECK(notes(std::nullopt, "").empty());
    CHECK(notes(false, "Release=\n").size() == 1); // that a value is replaced, and nothing else
    CHECK(notes(false, "Release=\n")[0].text.find("bounds") == std::string::npos);
}
