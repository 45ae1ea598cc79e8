// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/rule_file.hpp"

#include "settings/combinations.hpp"
#include "settings/setters.hpp"

#include <algorithm>
#include <array>

namespace reapd {
namespace {

// As long as the longest window: above that nobody waits for a machine that does not answer.
constexpr Microseconds longest_lasting = std::chrono::minutes{10};
// Nothing else is killed meanwhile, wherever it is.
constexpr Microseconds longest_grace = std::chrono::minutes{1};
// Whoever wants a longer rest wants Enabled=no.
constexpr Microseconds longest_cooldown = std::chrono::days{1};

// A round of less is not worth looking for.
constexpr Bytes smallest_budget = mib(1);
constexpr Microseconds longest_idle = std::chrono::days{1};
// What a round costs must show before the next.
constexpr Microseconds shortest_interval = std::chrono::seconds{1};
constexpr Microseconds longest_interval = std::chrono::days{1};
// That of memory.reclaim, without its "max".
constexpr std::int64_t most_swappiness = 200;

std::string set_budget(Bytes& budget, std::string_view text) {
    Parsed<Bytes> size = parse_size(text);
    if (size && *size < smallest_budget)
        size = expected_instead(text, "a size of at least 1M");
    return assign(budget, std::move(size));
}

std::string set_swappiness(std::optional<std::uint32_t>& swappiness, std::string_view text) {
    if (text.empty()) {
        swappiness.reset();
        return {};
    }
    return assign(swappiness, parse_integer(text, {0, most_swappiness}));
}

// Who is frozen for less has hardly been paged out; who is for longer than a day is forgotten.
constexpr Microseconds shortest_freeze = std::chrono::seconds{1};
constexpr Microseconds longest_freeze = std::chrono::days{1};

constexpr std::array<Setting<RuleDraft>, 33> settings{{
    {{"Rule", "Description", "", "What the rule is for, shown beside its name"},
     [](RuleDraft& draft, std::string_view text) {
         draft.rule.description = text;
         return std::string{};
     }},
    {{"Rule", "Watch", "", "Cgroups whose pressure counts (globs; / is the root)", true},
     [](RuleDraft& draft, std::string_view text) {
         return add_globs(draft.rule.watch, text, Root::Allowed);
     }},
    {{"Rule", "Enabled", "yes", "Whether the rule is in force"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.enabled, parse_bool(text));
     }},
    {{"When", "MemoryPressureFull", "", "Share of a window in which no task made progress"},
     [](RuleDraft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.when.pressure_full, text, parse_pressure_limit);
     }},
    {{"When", "MemoryPressureSome", "", "Share of a window in which some task was stalled"},
     [](RuleDraft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.when.pressure_some, text, parse_pressure_limit);
     }},
    {{"When", "MemoryAvailable", "", "Available memory of the machine, as <10% or >2G"},
     [](RuleDraft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.when.memory_available, text, parse_amount_limit);
     }},
    {{"When", "SwapFree", "", "Free swap of the machine, as <10% or >2G"},
     [](RuleDraft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.when.swap_free, text, parse_amount_limit);
     }},
    {{"When", "SwapUsed", "", "Used swap of the machine, as >90% or >2G; never without swap"},
     [](RuleDraft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.when.swap_used, text, parse_amount_limit);
     }},
    {{"When", "MemoryCurrent", "", "Memory of the watched cgroup, as >2G or >50% of all"},
     [](RuleDraft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.when.memory_current, text, parse_amount_limit);
     }},
    {{"When", "MemoryGrowth", "", "What the watched cgroup gains a second, as >100M"},
     [](RuleDraft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.when.memory_growth, text, parse_growth_limit);
     }},
    {{"When", "Refaults", "", "Pages a second that the watched cgroup reads again, as >1000"},
     [](RuleDraft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.when.refaults, text, parse_rate_limit);
     }},
    {{"When", "LastingSec", "0", "For how long the conditions must hold without a break"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.when.lasting, parse_span(text, {}, longest_lasting));
     }},
    {{"Victim", "Among", "leaves", "What one victim is: leaves, children, self or processes"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.victim.among, parse_among(text));
     }},
    {{"Victim", "Order", "growth size", "Who comes first: growth, size, swap, pressure, …"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.victim.order, parse_order(text));
     }},
    {{"Victim", "Prefer", "", "Cgroups that are victims before all others (globs)", true},
     [](RuleDraft& draft, std::string_view text) {
         return add_globs(draft.rule.victim.prefer, text, Root::Refused);
     }},
    {{"Victim", "Avoid", "", "Cgroups that are victims when nothing else is left (globs)", true},
     [](RuleDraft& draft, std::string_view text) {
         return add_globs(draft.rule.victim.avoid, text, Root::Refused);
     }},
    {{"Victim", "User", "", "Only what these users run is a victim (names or numbers)", true},
     [](RuleDraft& draft, std::string_view text) {
         return add_users(draft.rule.victim.users, text);
     }},
    {{"Victim", "Protect", "", "Cgroups that are never victims (globs)", true},
     [](RuleDraft& draft, std::string_view text) {
         return add_globs(draft.rule.victim.protect, text, Root::Refused);
     }},
    {{"Victim", "ProcessesIn", "", "Cgroups in which one process is the victim (globs)", true},
     [](RuleDraft& draft, std::string_view text) {
         return add_globs(draft.rule.victim.processes_in, text, Root::Refused);
     }},
    {{"Victim", "MinimumSize", "50M", "Smallest victim that is worth its death"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.victim.minimum_size, parse_size(text));
     }},
    {{"Action", "Do", "kill", "log, hint, reclaim, freeze or kill"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.action, parse_action(text));
     }},
    {{"Action", "GraceSec", "0", "How long a victim has after SIGTERM; 0: SIGKILL at once"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.grace, parse_span(text, {}, longest_grace));
     }},
    {{"Action", "Release", "yes", "Whether the memory of the dead is taken back at once"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.release, parse_release(text));
     }},
    {{"Action", "CooldownSec", "0", "How long the rule rests after a kill; 0: until it is over"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.cooldown, parse_span(text, {}, longest_cooldown));
     }},
    {{"Action", "MaxUseless", "2", "Kills in a row that may give nothing back (1 to 100)"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.max_useless, parse_integer(text, {1, 100}));
     }},
    {{"Action", "Advice", "auto", "What a hint says of memory: auto, cold or pageout"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.cooling.advice, parse_advice(text));
     }},
    {{"Action", "Budget", "256M", "Memory that one round of hint or reclaim is about"},
     [](RuleDraft& draft, std::string_view text) {
         return set_budget(draft.rule.cooling.budget, text);
     }},
    {{"Action", "Idle", "1min", "For how long a cgroup did nothing before it is cooled"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.cooling.idle, parse_span(text, {}, longest_idle));
     }},
    {{"Action", "IntervalSec", "5s", "Time from one round of hint or reclaim to the next"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.cooling.interval,
                       parse_span(text, shortest_interval, longest_interval));
     }},
    {{"Action", "Swappiness", "", "How much reclaim prefers swap over files, 0 to 200"},
     [](RuleDraft& draft, std::string_view text) {
         return set_swappiness(draft.rule.cooling.swappiness, text);
     }},
    {{"Action", "Freeze", "no", "Whether processes stand still for a hint, some 200 ms"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.cooling.freeze, parse_bool(text));
     }},
    {{"Action", "FreezeMaxSec", "5min", "How long a victim of Do=freeze stands still at most"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.freezing.longest,
                       parse_span(text, shortest_freeze, longest_freeze));
     }},
    {{"Action", "FreezeThen", "thaw", "What becomes of it then: thaw or kill"},
     [](RuleDraft& draft, std::string_view text) {
         return assign(draft.rule.freezing.then, parse_freeze_then(text));
     }},
}};

/// `finding` at the last line that gives its key a value.
Diagnostic to_diagnostic(Severity severity, Finding&& finding, const std::string& file,
                         const std::vector<Ini>& inis) {
    Diagnostic diagnostic{.severity = severity, .file = file, .text = std::move(finding.text)};
    for (const Ini& ini : inis)
        for (const IniSection& section : ini.sections)
            for (const IniEntry& entry : section.entries)
                if (entry.key == finding.key && !entry.value.empty()) {
                    diagnostic.file = ini.file;
                    diagnostic.line = entry.line;
                }
    return diagnostic;
}

} // namespace

std::span<const Setting<RuleDraft>> rule_settings() noexcept { return settings; }

std::optional<Rule> make_rule(const std::string& name, std::span<const SettingsFile> files,
                              std::vector<Diagnostic>& diagnostics, const KernelOffers& kernel) {
    RuleDraft draft;
    draft.rule.name = name;
    draft.rule.file = files.empty() ? std::string{} : files.front().path;
    std::vector<Diagnostic> found;
    std::vector<Ini> inis;
    for (const SettingsFile& file : files) {
        inis.push_back(parse_ini(file.path, file.text, found));
        apply(rule_settings(), inis.back(), draft, found);
    }
    if (!has_error(found)) {
        const Rule& rule = draft.rule;
        if (std::optional<Finding> fault = contradiction(rule))
            found.push_back(to_diagnostic(Severity::Error, std::move(*fault), rule.file, inis));
        else if (draft.enabled)
            for (Finding& oddity : oddities(rule, kernel))
                found.push_back(to_diagnostic(Severity::Note, std::move(oddity), rule.file, inis));
    }
    const bool good = !has_error(found);
    diagnostics.insert(diagnostics.end(), found.begin(), found.end());
    return good && draft.enabled ? std::optional{std::move(draft.rule)} : std::nullopt;
}

} // namespace reapd
