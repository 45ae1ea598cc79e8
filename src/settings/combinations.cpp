// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/combinations.hpp"

#include "settings/complaint.hpp"
#include "settings/glob.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace reapd {
namespace {

/// Wildcards of Watch= are letters like others here, which those of Protect= match.
bool watches_only_spared(const Rule& rule) {
    return std::ranges::all_of(
        rule.watch, [&](const std::string& watch) { return covers(rule.victim.protect, watch); });
}

/// Whether anything that belongs to a user can lie in or above what is watched.
bool watches_users(const Rule& rule) {
    return std::ranges::any_of(rule.watch, [](std::string_view watch) {
        return watch == "/" || matches(watch.substr(0, watch.find('/')), "user.slice");
    });
}

bool contains(std::span<const std::string> globs, std::string_view glob) {
    return std::ranges::find(globs, glob) != globs.end();
}

/// Whether what is free and what is used of the same whole can never be so at one time.
bool excludes(const std::optional<AmountLimit>& free, const std::optional<AmountLimit>& used) {
    if (!free || !used || !free->share || !used->share || free->side != used->side)
        return false;
    const std::uint32_t both = free->share->value + used->share->value;
    return free->side == AmountLimit::Side::Above ? both >= 10'000 : both <= 10'000;
}

/// Whether `full` never holds without `some`: no task is less stalled than all of them together,
/// and the longer window has the shorter one in it.
bool implies(const PressureLimit& full, const PressureLimit& some) noexcept {
    return some.window >= full.window &&
           some.window.count() * some.share.value <= full.window.count() * full.share.value;
}

} // namespace

std::optional<Finding> contradiction(const Rule& rule) {
    const When& when = rule.when;
    const Among among = rule.victim.among;
    if (rule.watch.empty())
        return Finding{
            {},
            "found no Watch=, expected a cgroup to watch in [Rule], or / for the whole machine"};
    if (amounts_only(when) && !asks_amounts(when) && !cools(rule.action))
        return Finding{{},
                       "found no condition, expected at least one in [When], as "
                       "MemoryPressureFull=40% 2s"};
    if (excludes(when.swap_free, when.swap_used))
        return Finding{"SwapUsed",
                       "found SwapUsed= that never holds together with SwapFree=, expected what is "
                       "used and what is free to fit into all swap"};
    if (asks_cgroup(when) && std::ranges::find(rule.watch, "/") != rule.watch.end())
        return Finding{"Watch",
                       "found MemoryCurrent=, MemoryGrowth= or Refaults= with Watch=/, expected a "
                       "cgroup below the root; the kernel counts them for no other"};
    if (among == Among::Self && std::ranges::find(rule.watch, "/") != rule.watch.end())
        return Finding{
            "Among", "found Among=self with Watch=/, expected another; the root is never a victim"};
    if ((among == Among::Self || among == Among::Processes) && !rule.victim.processes_in.empty())
        return Finding{"ProcessesIn",
                       "found ProcessesIn= with Among=self or Among=processes, expected "
                       "Among=leaves or Among=children beside it"};
    if (watches_only_spared(rule))
        return Finding{
            "Protect",
            "found every cgroup of Watch= spared by Protect=, expected something left to "
            "choose"};
    if (!rule.victim.users.empty() && !watches_users(rule))
        return Finding{"User",
                       "found User= with a Watch= outside of user.slice, expected / or something "
                       "in it; users have nothing elsewhere"};
    return unfit_for_action(rule);
}

std::vector<Finding> oddities(const Rule& rule, const KernelOffers& kernel) {
    std::vector<Finding> found;
    const When& when = rule.when;
    if (amounts_only(when) && asks_amounts(when))
        found.push_back({when.memory_available ? "MemoryAvailable"
                         : when.swap_free      ? "SwapFree"
                         : when.swap_used      ? "SwapUsed"
                         : when.memory_current ? "MemoryCurrent"
                         : when.memory_growth  ? "MemoryGrowth"
                                               : "Refaults",
                         "without MemoryPressureFull= or MemoryPressureSome= this rule wakes the "
                         "machine up to measure"});
    if (when.pressure_full && when.pressure_some &&
        implies(*when.pressure_full, *when.pressure_some))
        found.push_back({"MemoryPressureSome",
                         "MemoryPressureSome= has no effect: it always holds when "
                         "MemoryPressureFull= does"});
    const Victim& victim = rule.victim;
    const auto repeats = [&](std::string_view key, const std::vector<std::string>& globs,
                             std::string_view by, const std::vector<std::string>& stronger) {
        for (const std::string& glob : globs)
            if (contains(stronger, glob))
                found.push_back({key, fmt::format("{} of {}= has no effect: {}= has it, too",
                                                  quote(glob), key, by)});
    };
    repeats("ProcessesIn", victim.processes_in, "Protect", victim.protect);
    repeats("Prefer", victim.prefer, "Protect", victim.protect);
    repeats("Avoid", victim.avoid, "Protect", victim.protect);
    if (rule.release == Release::Bounded && !kernel.bounded_release.value_or(true))
        found.push_back({"Release",
                         "Release=bounded: this kernel's process_mrelease takes no bounds, so "
                         "memory is taken back as with Release=yes"});
    for (Finding& missing : missing_for_action(rule, kernel))
        found.push_back(std::move(missing));
    return found;
}

} // namespace reapd
