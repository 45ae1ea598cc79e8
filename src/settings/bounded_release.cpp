// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/bounded_release.hpp"

#include "settings/ini.hpp"
#include "settings/values.hpp"

#include <fmt/format.h>

namespace reapd {

void note_bounded_release(const SettingsFile& file, std::optional<bool> offered,
                          std::vector<Diagnostic>& diagnostics) {
    if (offered.value_or(true))
        return;
    std::vector<Diagnostic> known; // whoever put the file in order has said the same
    const Ini ini = parse_ini(file.path, file.text, known);
    for (const IniSection& section : ini.sections)
        for (const IniEntry& entry : section.entries)
            if (entry.key == "Release" && parse_release(entry.value) == Release::Bounded)
                diagnostics.push_back(
                    {.severity = Severity::Note,
                     .file = file.path,
                     .line = entry.line,
                     .text = fmt::format("Release=bounded: {}", bounded_release_missing)});
}

} // namespace reapd
