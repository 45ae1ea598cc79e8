// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// One table per kind of file says everything about its settings. Parsing, resetting, messages
/// about misspelt keys, the sample file and the tests of the manual pages all use it, so a default
/// has one home.

#include "settings/ini.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

struct SettingName {
    std::string_view section{};
    std::string_view key{};
    std::string_view fallback{}; ///< the default as a person writes it; may be empty
    std::string_view help{};     ///< one line
    bool list = false;           ///< values accumulate; an empty one empties the list
};

template <class T>
struct Setting {
    SettingName name{};
    /// Puts `text` into `target`. Returns what is wrong with it, or nothing. An empty text comes
    /// for lists and where the fallback is empty, and means to reset.
    std::string (*set)(T& target, std::string_view text) = nullptr;
};

/// Which setting each entry of `ini` names; what is in no table becomes a diagnostic, what comes
/// twice in one file a note.
struct NamedEntry {
    std::size_t setting = 0; ///< index into the names
    const IniEntry* entry = nullptr;
};
std::vector<NamedEntry> find_settings(std::span<const SettingName> names, const Ini& ini,
                                      std::vector<Diagnostic>& diagnostics);

/// The diagnostic for a value that its setting refused.
Diagnostic refused_value(const Ini& ini, const IniEntry& entry, std::string_view complaint);

template <class T>
std::vector<SettingName> names_of(std::span<const Setting<T>> table) {
    std::vector<SettingName> names;
    for (const Setting<T>& setting : table)
        names.push_back(setting.name);
    return names;
}

/// Puts everything in `ini` into `target`. A value that is refused leaves the default behind; of a
/// list, what was good in it stays.
template <class T>
void apply(std::span<const Setting<T>> table, const Ini& ini, T& target,
           std::vector<Diagnostic>& diagnostics) {
    for (const NamedEntry& found : find_settings(names_of(table), ini, diagnostics)) {
        const Setting<T>& setting = table[found.setting];
        const std::string& value = found.entry->value;
        const bool reset = value.empty() && !setting.name.list;
        const std::string complaint = setting.set(target, reset ? setting.name.fallback : value);
        if (complaint.empty())
            continue;
        diagnostics.push_back(refused_value(ini, *found.entry, complaint));
        if (!setting.name.list)
            (void)setting.set(target, setting.name.fallback); // a test holds each to its table
    }
}

/// Whether any of them is an error.
bool has_error(std::span<const Diagnostic> diagnostics) noexcept;

} // namespace reapd
