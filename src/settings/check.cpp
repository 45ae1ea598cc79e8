// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/check.hpp"

#include "settings/complaint.hpp"
#include "settings/config_file.hpp"
#include "settings/config_files.hpp"
#include "settings/in_force.hpp"
#include "settings/load.hpp"
#include "settings/rule_file.hpp"
#include "settings/rule_name.hpp"
#include "settings/unmatched.hpp"

#include <filesystem>

namespace reapd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view config_suffix = ".conf";

/// A file that was there when it was named must not vanish without a word.
std::vector<SettingsFile> read_one(const FoundFile& found, std::vector<Diagnostic>& diagnostics) {
    const std::size_t before = diagnostics.size();
    std::vector<SettingsFile> files = read_files({found}, diagnostics);
    if (found.masked)
        diagnostics.push_back({.severity = Severity::Note,
                               .file = found.path,
                               .text = "leads to /dev/null, so nothing of this name counts"});
    else if (files.empty() && diagnostics.size() == before)
        diagnostics.push_back({.file = found.path, .text = "found nothing, expected a file"});
    return files;
}

/// What is good where it was written and of no use here.
template <class T>
void note_about(std::span<const SettingsFile> files, std::span<const Setting<T>> settings,
                const TargetMachine& around, std::vector<Diagnostic>& diagnostics) {
    for (const Ini& ini : in_force(files, names_of(settings))) {
        note_unmatched(ini, around.cgroups, diagnostics);
        if (around.amounts)
            note_out_of_reach(ini, *around.amounts, diagnostics);
    }
}

void check_rule(const FoundFile& found, const TargetMachine& around,
                std::vector<Diagnostic>& diagnostics) {
    const std::string name = rule_name(found.name);
    if (std::string fault = rule_name_fault(name); !fault.empty())
        diagnostics.push_back({.file = found.path, .text = std::move(fault)});
    std::vector<SettingsFile> files = read_one(found, diagnostics);
    if (files.empty())
        return;
    std::vector<Diagnostic> unreadable;
    const std::string folder = found.path + ".d";
    for (SettingsFile& file :
         read_files(list_directory(folder, config_suffix, unreadable), unreadable))
        files.push_back(std::move(file));
    diagnostics.insert(diagnostics.end(), unreadable.begin(), unreadable.end());
    (void)make_rule(name, files, diagnostics, around.kernel); // only what it says is wanted
    note_about(files, rule_settings(), around, diagnostics);
}

/// Alone it need not be complete: what is missing is in the rule that it changes.
void check_rule_drop_in(const SettingsFile& file, std::vector<Diagnostic>& diagnostics) {
    RuleDraft draft;
    apply(rule_settings(), parse_ini(file.path, file.text, diagnostics), draft, diagnostics);
}

bool is_rule_drop_in(const std::string& path) {
    const fs::path folder = fs::absolute(path).lexically_normal().parent_path().filename();
    return folder.native().ends_with(std::string{rule_suffix} + ".d");
}

void check_config(const FoundFile& found, const TargetMachine& around,
                  std::vector<Diagnostic>& diagnostics) {
    const std::vector<SettingsFile> files = read_one(found, diagnostics);
    if (is_rule_drop_in(found.path)) {
        for (const SettingsFile& file : files)
            check_rule_drop_in(file, diagnostics);
        note_about(files, rule_settings(), around, diagnostics);
    } else {
        (void)make_config(files, diagnostics); // only what it says is wanted
        note_about(files, config_settings(), around, diagnostics);
    }
}

void check_directory(const std::string& path, const TargetMachine& around,
                     std::vector<Diagnostic>& diagnostics) {
    const std::size_t before = diagnostics.size();
    bool any = false;
    for (const FoundFile& found : list_directory(path, "", diagnostics)) {
        const bool rule = found.name.ends_with(rule_suffix);
        if (!rule && !found.name.ends_with(config_suffix))
            continue;
        any = true;
        (rule ? check_rule : check_config)(found, around, diagnostics);
    }
    if (!any && diagnostics.size() == before)
        diagnostics.push_back({.severity = Severity::Note,
                               .file = path,
                               .text = "has no *.rule and no *.conf, so nothing was checked"});
}

} // namespace

std::vector<Diagnostic> check_path(const std::string& path, const TargetMachine& around) {
    std::vector<Diagnostic> diagnostics;
    const FoundFile found = file_at(path);
    std::error_code ignored; // what is no directory is read as a file, and that says why not
    if (found.name.ends_with(rule_suffix))
        check_rule(found, around, diagnostics);
    else if (found.name.ends_with(config_suffix))
        check_config(found, around, diagnostics);
    else if (fs::is_directory(path, ignored))
        check_directory(path.ends_with('/') ? path.substr(0, path.size() - 1) : path, around,
                        diagnostics);
    else
        diagnostics.push_back({.file = path,
                               .text = "found " + quote(found.name) +
                                       " as the name of a file, expected one that ends in .rule "
                                       "or .conf, or a directory"});
    return diagnostics;
}

std::vector<Diagnostic> check_system(const std::string& root, const TargetMachine& around) {
    std::vector<Diagnostic> diagnostics = load_settings(root, around.kernel).diagnostics;
    std::vector<Diagnostic> known; // load_settings() has said the same
    const auto with_drop_ins = [&](const std::optional<FoundFile>& file, const std::string& name) {
        std::vector<SettingsFile> files;
        if (file)
            files = read_files({*file}, known);
        for (SettingsFile& drop_in : read_drop_ins(root, name + ".d", known))
            files.push_back(std::move(drop_in));
        return files;
    };
    const std::string config = "reapd/reapd.conf";
    note_about(with_drop_ins(find_file(root, config), config), config_settings(), around,
               diagnostics);
    for (const FoundFile& rule : list_files(root, "reapd/rules.d", rule_suffix, known))
        if (!rule.masked)
            note_about(with_drop_ins(rule, "reapd/rules.d/" + rule.name), rule_settings(), around,
                       diagnostics);
    return diagnostics;
}

} // namespace reapd
