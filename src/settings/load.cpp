// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/load.hpp"

#include "settings/complaint.hpp"
#include "settings/config_file.hpp"
#include "settings/config_files.hpp"
#include "settings/oomd_conf.hpp"
#include "settings/oomd_rules.hpp"
#include "settings/rule_file.hpp"
#include "settings/rule_name.hpp"
#include "settings/shipped.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reapd {
namespace {

void append(std::vector<Diagnostic>& all, std::vector<Diagnostic>&& more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

/// The file `name` with its drop-ins after it.
std::vector<SettingsFile> read_with_drop_ins(const std::string& root, const std::string& name,
                                             std::vector<Diagnostic>& diagnostics) {
    std::vector<SettingsFile> files;
    if (const auto found = find_file(root, name))
        files = read_files({*found}, diagnostics);
    for (SettingsFile& file : read_drop_ins(root, name + ".d", diagnostics))
        files.push_back(std::move(file));
    return files;
}

Config load_config(const std::string& root, std::vector<Diagnostic>& diagnostics) {
    Config config = default_config();
    std::vector<Diagnostic> unreadable;
    apply_oomd_conf(read_with_drop_ins(root, "systemd/oomd.conf", unreadable), config, diagnostics);
    add_notes(std::move(unreadable), diagnostics);
    const std::vector<SettingsFile> files =
        read_with_drop_ins(root, "reapd/reapd.conf", diagnostics);
    return make_config(files, diagnostics, std::move(config));
}

/// The rule in `found`; nothing if it is switched off or wrong.
std::optional<Rule> load_rule(const std::string& root, const FoundFile& found,
                              std::vector<Diagnostic>& diagnostics, const KernelOffers& kernel) {
    const std::string name = rule_name(found.name);
    if (std::string fault = rule_name_fault(name); !fault.empty()) {
        diagnostics.push_back({.file = found.path, .text = std::move(fault)});
        return std::nullopt;
    }
    std::vector<Diagnostic> unreadable;
    std::vector<SettingsFile> files;
    if (auto file = read_file(found, unreadable))
        files.push_back(std::move(*file));
    const bool present = !files.empty();
    const std::string folder = fmt::format("reapd/rules.d/{}.d", found.name);
    for (SettingsFile& file : read_drop_ins(root, folder, unreadable))
        files.push_back(std::move(file));
    const bool complete = !has_error(unreadable);
    append(diagnostics, std::move(unreadable));
    // Half a rule is another rule: what an unreadable drop-in would have changed is unknown.
    return complete && present ? make_rule(name, files, diagnostics, kernel) : std::nullopt;
}

/// Drop-ins of a rule that is not there: a misspelt name, or a rule that is gone.
void note_orphans(const std::string& root, const std::vector<FoundFile>& rules,
                  std::vector<Diagnostic>& diagnostics) {
    const std::string suffix = std::string{rule_suffix} + ".d";
    std::vector<Diagnostic> known;
    for (const FoundFile& folder : list_files(root, "reapd/rules.d", suffix, known)) {
        const std::string rule = folder.name.substr(0, folder.name.size() - 2);
        if (std::ranges::find(rules, rule, &FoundFile::name) == rules.end())
            diagnostics.push_back(
                {.severity = Severity::Note,
                 .file = folder.path,
                 .text = fmt::format("changes {}, and there is no such rule", quote(rule))});
    }
}

std::vector<Rule> load_shipped(std::vector<Diagnostic>& diagnostics) {
    std::vector<Rule> rules;
    for (const ShippedRule& shipped : shipped_rules()) {
        const SettingsFile file{.path = fmt::format("(built in)/{}.rule", shipped.name),
                                .text = std::string{shipped.text}};
        if (auto rule = make_rule(std::string{shipped.name}, {&file, 1}, diagnostics))
            rules.push_back(std::move(*rule));
    }
    return rules;
}

/// Once for all of them: it is one fact, and those who ship such rules do not know the machine.
void note_no_swap(const std::vector<Rule>& rules, const KernelOffers& kernel,
                  std::vector<Diagnostic>& diagnostics) {
    std::vector<std::string_view> idle;
    for (const Rule& rule : rules)
        if (moves_to_swap(rule))
            idle.push_back(rule.name);
    if (kernel.swap.value_or(true) || idle.empty())
        return;
    diagnostics.push_back(
        {.severity = Severity::Note,
         .file = "reapd/rules.d",
         .text = fmt::format("this machine has no swap; until it has, nothing is done by {}",
                             fmt::join(idle, ", "))});
}

} // namespace

bool Loaded::failed() const noexcept { return has_error(diagnostics); }

Loaded load_settings(const std::string& root, const KernelOffers& kernel) {
    Loaded loaded;
    std::vector<Diagnostic>& diagnostics = loaded.diagnostics;
    std::vector<Rule>& rules = loaded.policy.rules;
    loaded.policy.config = load_config(root, diagnostics);
    loaded.policy.oomd_rules = load_oomd_rules(root, diagnostics);

    std::vector<Diagnostic> about_rules;
    KernelOffers but_swap = kernel;
    but_swap.swap.reset();
    const std::vector<FoundFile> files =
        list_files(root, "reapd/rules.d", rule_suffix, about_rules);
    for (const FoundFile& found : files) {
        auto rule = found.masked ? std::nullopt : load_rule(root, found, about_rules, but_swap);
        if (!rule)
            continue;
        if (rules.size() < max_rules)
            rules.push_back(std::move(*rule));
        else
            about_rules.push_back(
                {.file = found.path,
                 .text = fmt::format("found more than {} rules, expected no more; this one is off",
                                     max_rules)});
    }
    note_orphans(root, files, about_rules);
    // Whoever masks or switches off every rule means it; whoever has none, or lost them to an
    // error, does not.
    const bool on_purpose = !files.empty() && !has_error(about_rules);
    append(diagnostics, std::move(about_rules));
    if (rules.empty() && on_purpose)
        diagnostics.push_back(
            {.severity = Severity::Note,
             .file = "reapd/rules.d",
             .text = "every rule is masked or has Enabled=no; nothing is killed"});
    loaded.builtin = rules.empty() && !on_purpose;
    if (loaded.builtin)
        rules = load_shipped(diagnostics);
    note_no_swap(rules, kernel, diagnostics);
    return loaded;
}

} // namespace reapd
