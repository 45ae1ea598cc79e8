// SPDX-License-Identifier: LGPL-2.1-or-later
// What systemd-oomd left on the machine.
#include "catch.hpp"
#include "settings/config_file.hpp"
#include "settings/load.hpp"
#include "settings/oomd_conf.hpp"
#include "settings/oomd_rules.hpp"
#include "settings/table.hpp"
#include "tree.hpp"

using namespace reapd;
using namespace reapd::test;
using namespace std::chrono_literals;

namespace {

struct Applied {
    Config config = default_config();
    std::vector<Diagnostic> diagnostics{};
};

Applied applied(std::string text) {
    Applied outcome;
    const SettingsFile file{.path = "oomd.conf", .text = std::move(text)};
    apply_oomd_conf({&file, 1}, outcome.config, outcome.diagnostics);
    CHECK_FALSE(has_error(outcome.diagnostics));
    return outcome;
}

struct Made {
    std::optional<OomdRule> rule{};
    std::vector<Diagnostic> diagnostics{};
};

Made made(std::string text) {
    Made outcome;
    const SettingsFile file{.path = "r.oomrule", .text = std::move(text)};
    outcome.rule = make_oomd_rule(file, outcome.diagnostics);
    CHECK_FALSE(has_error(outcome.diagnostics));
    return outcome;
}

/// The one note about a rule that is left out.
std::string refusal(std::string text) {
    const Made outcome = made(std::move(text));
    CHECK_FALSE(outcome.rule);
    REQUIRE(outcome.diagnostics.size() == 1);
    return to_text(outcome.diagnostics.front());
}

} // namespace

TEST_CASE("oomd.conf gives the defaults for units") {
    const Applied outcome = applied("[OOM]\n"
                                    "SwapUsedLimit=80%\n"
                                    "DefaultMemoryPressureLimit=55.5%\n"
                                    "DefaultMemoryPressureDurationSec=20s\n");
    CHECK(outcome.diagnostics.empty());
    Config expected = default_config();
    expected.swap_used_limit = {8000};
    expected.managed_pressure_limit = {5550};
    expected.managed_pressure_duration = 20s;
    CHECK(outcome.config == expected);
}

TEST_CASE("oomd.conf may have permille and permyriad") {
    const Applied outcome =
        applied("[OOM]\nSwapUsedLimit=800‰\nDefaultMemoryPressureLimit=5551‱\n");
    CHECK(outcome.diagnostics.empty());
    CHECK(outcome.config.swap_used_limit == Permyriad{8000});
    CHECK(outcome.config.managed_pressure_limit == Permyriad{5551});
}

TEST_CASE("no duration and a duration of 0 in oomd.conf are 30 s") {
    for (const char* const duration : {"", "0", "0s", "30s"}) {
        CAPTURE(duration);
        const Applied outcome = applied("[OOM]\nDefaultMemoryPressureDurationSec=5s\n"
                                        "[OOM]\nDefaultMemoryPressureDurationSec=" +
                                        std::string{duration} + "\n");
        CHECK(outcome.config.managed_pressure_duration == 30s);
    }
}

TEST_CASE("what is for systemd-oomd alone is passed over without a word") {
    const Applied outcome = applied("[OOM]\nPrekillHookTimeoutSec=5s\nColour=red\n"
                                    "[Other]\nSwapUsedLimit=1%\n");
    CHECK(outcome.diagnostics.empty());
    CHECK(outcome.config == default_config());
}

TEST_CASE("a bad value in oomd.conf is noted and leaves the default") {
    for (const char* const line :
         {"SwapUsedLimit=lots", "SwapUsedLimit=101%", "SwapUsedLimit=0.5‱",
          "DefaultMemoryPressureLimit=60", "DefaultMemoryPressureDurationSec=500ms",
          "DefaultMemoryPressureDurationSec=infinity", "SwapUsedLimit"}) {
        CAPTURE(line);
        const Applied outcome = applied("[OOM]\n" + std::string{line} + "\n");
        REQUIRE(outcome.diagnostics.size() == 1);
        CHECK_THAT(to_text(outcome.diagnostics.front()), contains_text("oomd.conf:2: note: "));
        CHECK(outcome.config == default_config());
    }
}

TEST_CASE("reapd.conf counts before oomd.conf, setting by setting") {
    const Tree tree{
        {"usr/lib/systemd/oomd.conf", "[OOM]\nSwapUsedLimit=70%\n"},
        {"etc/systemd/oomd.conf", "[OOM]\nSwapUsedLimit=80%\nDefaultMemoryPressureLimit=50%\n"},
        {"usr/lib/systemd/oomd.conf.d/10-distribution.conf",
         "[OOM]\nDefaultMemoryPressureDurationSec=20s\n"},
        {"etc/reapd/reapd.conf.d/10.conf", "[Reapd]\nDefaultMemoryPressureLimit=40%\n"}};
    const Loaded loaded = load_settings(tree.root());
    CHECK_FALSE(loaded.failed());
    CHECK(loaded.policy.config.swap_used_limit == Permyriad{8000});
    CHECK(loaded.policy.config.managed_pressure_limit == Permyriad{4000});
    CHECK(loaded.policy.config.managed_pressure_duration == 20s);
}

TEST_CASE("no file of systemd-oomd's makes the settings fail") {
    const Tree tree{{"etc/systemd/oomd.conf", "OOM]\r\n"},
                    directory("etc/systemd/oomd.conf.d/10.conf"),
                    {"etc/systemd/oomd.conf.d/20.conf", std::string(2 << 20, 'x')},
                    directory("etc/systemd/oomd/rules.d/a.oomrule"),
                    {"etc/systemd/oomd/rules.d/b.oomrule", "[Rule]\nAction=burn\n"}};
    const Loaded loaded = load_settings(tree.root());
    CHECK_FALSE(loaded.failed());
    CHECK(loaded.policy.config == default_config());
    CHECK(loaded.policy.oomd_rules.empty());
    CHECK(loaded.diagnostics.size() == 5);
}

TEST_CASE("every key of a rule of systemd-oomd reaches its field") {
    const Made outcome = made("[Rule]\n"
                              "MemoryPressureAbove=75%\n"
                              "SwapUsageMax=905‰\n"
                              "Action=kill-by-swap\n"
                              "LastingSec=20s\n");
    CHECK(outcome.diagnostics.empty());
    CHECK(outcome.rule == OomdRule{.file = "r.oomrule",
                                   .pressure_above = Permyriad{7500},
                                   .swap_above = Permyriad{9050},
                                   .kill = OomdRule::Kill::BySwap,
                                   .lasting = 20s});
    CHECK(made("[Rule]\nMemoryPressureAbove=0%\nAction=kill-all\n").rule ==
          OomdRule{.file = "r.oomrule", .pressure_above = Permyriad{0}});
    CHECK(made("[Rule]\nSwapUsageMax=90%\nAction=kill-by-pgscan\nLastingSec=\n").rule ==
          OomdRule{.file = "r.oomrule",
                   .swap_above = Permyriad{9000},
                   .kill = OomdRule::Kill::ByReclaim});
}

TEST_CASE("a rule of systemd-oomd that is not understood is left out with one note") {
    CHECK(refusal("[Rule]\nAction=kill-all\n") ==
          "r.oomrule: note: found no condition, expected MemoryPressureAbove= or SwapUsageMax=; "
          "the rule is left out");
    CHECK(refusal("[Rule]\nSwapUsageMax=90%\n") ==
          "r.oomrule: note: found no Action=, expected kill-all, kill-by-pgscan or kill-by-swap; "
          "the rule is left out");
    CHECK(refusal("[Rule]\nSwapUsageMax=90%\nSwapUsageMax=\nAction=kill-all\n")
              .ends_with("the rule is left out"));
    CHECK(refusal("[Rule]\nSwapUsageMax=100%\nAction=kill-all\nMemoryPressureAbove=x\n") ==
          "r.oomrule:2: note: SwapUsageMax=: found '100%', expected less, since nothing is above "
          "that; the rule is left out");
    CHECK_THAT(
        refusal("[Rule]\nSwapUsageMax=90%\nAction=kill-by-magic\n"),
        contains_text("r.oomrule:3: note: Action=: found 'kill-by-magic', expected kill-all, "
                      "kill-by-pgscan or kill-by-swap"));
    CHECK_THAT(refusal("[Rule]\nSwapUsageMax=90%\nAction=kill-all\nLastingSec=infinity\n"),
               contains_text("r.oomrule:4: note: LastingSec=: found 'infinity'"));
    // A condition that is to come may make the rule another.
    CHECK_THAT(refusal("[Rule]\nSwapUsageMax=90%\nAction=kill-all\nMemoryAbove=1G\n"),
               contains_text("r.oomrule:4: note: found key 'MemoryAbove'"));
}

TEST_CASE("rules of systemd-oomd are found in its directories, by name") {
    const std::string rule = "[Rule]\nSwapUsageMax=90%\nAction=kill-all\n";
    const Tree tree{
        {"usr/lib/systemd/oomd/rules.d/a.oomrule", rule},
        {"usr/lib/systemd/oomd/rules.d/b.oomrule", rule},
        {"usr/lib/systemd/oomd/rules.d/c.oomrule", rule},
        {"usr/lib/systemd/oomd/rules.d/d.rule", rule},
        {"etc/systemd/oomd/rules.d/a.oomrule", "[Rule]\nSwapUsageMax=50%\nAction=kill-all\n"},
        link_to("etc/systemd/oomd/rules.d/b.oomrule", "/dev/null"),
        {"etc/systemd/oomd/rules.d/c.oomrule", ""}};
    const Loaded loaded = load_settings(tree.root());
    CHECK_FALSE(loaded.failed());
    REQUIRE(loaded.policy.oomd_rules.size() == 1);
    const auto& [name, found] = *loaded.policy.oomd_rules.begin();
    CHECK(name == "a");
    CHECK(found.swap_above == Permyriad{5000});
}
