// SPDX-License-Identifier: LGPL-2.1-or-later
// What settings of [Action] and [Victim] mean for one Do= and not for another.
#include "settings/combinations.hpp"
#include "settings/rule_text.hpp"

#include <fmt/format.h>

#include <array>

namespace reapd {
namespace {

constexpr std::array actions{Action::Log, Action::Hint, Action::Reclaim, Action::Freeze,
                             Action::Kill};

/// A setting, whether a rule gives it another value than its default, and whom it is for.
struct ActionSetting {
    std::string_view key;
    bool (*given)(const Rule&);
    bool (*fits)(Action);
};

/// Do=log tells what a kill would do, so it may have all that a kill has.
bool chooses_victims(Action action) { return !cools(action); }
bool kills(Action action) { return action == Action::Log || action == Action::Kill; }
bool hints(Action action) { return action == Action::Hint; }
bool reclaims(Action action) { return action == Action::Reclaim; }
bool freezes(Action action) { return action == Action::Freeze; }

constexpr std::array settings = std::to_array<ActionSetting>({
    {"GraceSec", [](const Rule& rule) { return rule.grace > Microseconds{}; }, kills},
    {"Release", [](const Rule& rule) { return rule.release != Rule{}.release; }, kills},
    {"CooldownSec", [](const Rule& rule) { return rule.cooldown > Microseconds{}; },
     chooses_victims},
    {"MaxUseless", [](const Rule& rule) { return rule.max_useless != Rule{}.max_useless; },
     chooses_victims},
    {"Order", [](const Rule& rule) { return rule.victim.order != Victim{}.order; },
     chooses_victims},
    {"ProcessesIn", [](const Rule& rule) { return !rule.victim.processes_in.empty(); }, kills},
    {"Advice", [](const Rule& rule) { return rule.cooling.advice != Advice::Auto; }, hints},
    {"Budget", [](const Rule& rule) { return rule.cooling.budget != Cooling{}.budget; }, cools},
    {"Idle", [](const Rule& rule) { return rule.cooling.idle != Cooling{}.idle; }, cools},
    {"IntervalSec", [](const Rule& rule) { return rule.cooling.interval != Cooling{}.interval; },
     cools},
    {"Swappiness", [](const Rule& rule) { return rule.cooling.swappiness.has_value(); }, reclaims},
    {"Freeze", [](const Rule& rule) { return rule.cooling.freeze; }, hints},
    {"FreezeMaxSec", [](const Rule& rule) { return rule.freezing.longest != Freezing{}.longest; },
     freezes},
    {"FreezeThen", [](const Rule& rule) { return rule.freezing.then != Freezing{}.then; }, freezes},
});

/// "hint or reclaim"
std::string actions_for(bool (*fits)(Action)) {
    std::string words;
    for (const Action action : actions)
        if (fits(action))
            words += (words.empty() ? "" : " or ") + to_text(action);
    return words;
}

} // namespace

std::optional<Finding> unfit_for_action(const Rule& rule) {
    for (const ActionSetting& setting : settings)
        if (setting.given(rule) && !setting.fits(rule.action))
            return Finding{setting.key,
                           fmt::format("found {}= with Do={}, expected Do={} beside it",
                                       setting.key, to_text(rule.action),
                                       actions_for(setting.fits))};
    if (!kills(rule.action) && rule.victim.among == Among::Processes)
        return Finding{"Among",
                       fmt::format("found Among=processes with Do={}, expected another; {}",
                                   to_text(rule.action),
                                   freezes(rule.action) ? "the kernel freezes whole cgroups"
                                                        : "what is idle is seen of whole cgroups")};
    return std::nullopt;
}

std::vector<Finding> missing_for_action(const Rule& rule, const KernelOffers& kernel) {
    std::vector<Finding> found;
    const bool hint = rule.action == Action::Hint;
    if (!cools(rule.action))
        return found;
    if (!(hint ? kernel.madvise : kernel.reclaim).value_or(true))
        found.push_back(
            {"Do", fmt::format("Do={}: this kernel has no {}, so the rule does nothing",
                               to_text(rule.action), hint ? "process_madvise" : "memory.reclaim")});
    else if (!kernel.swap.value_or(true) && moves_to_swap(rule))
        found.push_back({"Do", fmt::format("Do={}: this machine has no swap, so the rule does "
                                           "nothing until it has",
                                           to_text(rule.action))});
    if (rule.cooling.swappiness && kernel.reclaim.value_or(true) &&
        !kernel.swappiness.value_or(true))
        found.push_back({"Swappiness", "Swappiness=: this kernel's memory.reclaim takes none, so "
                                       "the machine's counts"});
    return found;
}

} // namespace reapd
