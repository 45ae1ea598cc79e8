// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/oomd_rules.hpp"

#include "settings/diagnostic.hpp"
#include "settings/setters.hpp"
#include "settings/table.hpp"
#include "settings/words.hpp"

#include <algorithm>
#include <array>

namespace reapd {
namespace {

constexpr Permyriad all{10'000};
constexpr Microseconds longest_lasting = std::chrono::days{1};

struct Draft {
    OomdRule rule{};
    bool action = false;
};

Parsed<Permyriad> parse_threshold(std::string_view text) {
    Parsed<Permyriad> share = parse_fraction(text);
    if (share && *share == all)
        return expected_instead(text, "less, since nothing is above that");
    return share;
}

std::string set_action(Draft& draft, std::string_view text) {
    draft.action = !text.empty();
    return draft.action ? assign(draft.rule.kill, parse_oomd_kill(text)) : std::string{};
}

constexpr std::array<Setting<Draft>, 4> settings{{
    {{"Rule", "MemoryPressureAbove", ""},
     [](Draft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.pressure_above, text, parse_threshold);
     }},
    {{"Rule", "SwapUsageMax", ""},
     [](Draft& draft, std::string_view text) {
         return assign_or_unset(draft.rule.swap_above, text, parse_threshold);
     }},
    {{"Rule", "Action", ""}, set_action},
    {{"Rule", "LastingSec", "0"},
     [](Draft& draft, std::string_view text) {
         return assign(draft.rule.lasting, parse_span(text, Microseconds{}, longest_lasting));
     }},
}};

/// What is missing in a rule of which each line is good.
std::string_view incomplete(const Draft& draft) {
    if (!draft.rule.pressure_above && !draft.rule.swap_above)
        return "found no condition, expected MemoryPressureAbove= or SwapUsageMax=";
    if (!draft.action)
        return "found no Action=, expected kill-all, kill-by-pgscan or kill-by-swap";
    return {};
}

} // namespace

std::optional<OomdRule> make_oomd_rule(const SettingsFile& file,
                                       std::vector<Diagnostic>& diagnostics) {
    std::vector<Diagnostic> found;
    Draft draft;
    draft.rule.file = file.path;
    apply(std::span<const Setting<Draft>>{settings}, parse_ini(file.path, file.text, found), draft,
          found);
    if (const std::string_view missing = incomplete(draft); !has_error(found) && !missing.empty())
        found.push_back({.file = file.path, .text = std::string{missing}});
    const auto error = std::ranges::find(found, Severity::Error, &Diagnostic::severity);
    if (error == found.end()) {
        add_notes(std::move(found), diagnostics);
        return draft.rule;
    }
    // One is enough: its author has systemd-oomd to say the rest.
    error->text += "; the rule is left out";
    add_notes({std::move(*error)}, diagnostics);
    return std::nullopt;
}

std::map<std::string, OomdRule> load_oomd_rules(const std::string& root,
                                                std::vector<Diagnostic>& diagnostics) {
    std::map<std::string, OomdRule> rules;
    std::vector<Diagnostic> unreadable;
    for (const FoundFile& found :
         list_files(root, "systemd/oomd/rules.d", oomd_rule_suffix, unreadable))
        for (const SettingsFile& file : read_files({found}, unreadable)) {
            if (file.text.empty())
                continue; // another way to say "not this one"
            if (std::optional<OomdRule> rule = make_oomd_rule(file, diagnostics))
                rules[found.name.substr(0, found.name.size() - oomd_rule_suffix.size())] =
                    std::move(*rule);
        }
    add_notes(std::move(unreadable), diagnostics);
    return rules;
}

} // namespace reapd
