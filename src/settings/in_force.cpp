// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/in_force.hpp"

#include <algorithm>
#include <ranges>

namespace reapd {

std::vector<Ini> in_force(std::span<const SettingsFile> files, std::span<const SettingName> names) {
    std::vector<Diagnostic> known; // whoever put the files in order has said the same
    std::vector<Ini> inis;
    for (const SettingsFile& file : files)
        inis.push_back(parse_ini(file.path, file.text, known));
    std::vector<std::string_view> settled; // keys of which nothing earlier counts
    for (Ini& ini : inis | std::views::reverse)
        for (IniSection& section : ini.sections | std::views::reverse) {
            std::vector<IniEntry> left;
            for (IniEntry& entry : section.entries | std::views::reverse) {
                const auto name = std::ranges::find(names, entry.key, &SettingName::key);
                if (name == names.end() || std::ranges::find(settled, name->key) != settled.end())
                    continue;
                if (!name->list || entry.value.empty())
                    settled.push_back(name->key);
                if (!entry.value.empty())
                    left.push_back(std::move(entry));
            }
            std::ranges::reverse(left);
            section.entries = std::move(left);
        }
    return inis;
}

} // namespace reapd
