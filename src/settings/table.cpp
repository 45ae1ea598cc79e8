// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/table.hpp"

#include "settings/complaint.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reapd {
namespace {

std::string unknown_section(std::span<const SettingName> names, std::string_view section) {
    std::vector<std::string_view> sections;
    std::string list;
    for (const SettingName& name : names) {
        if (std::ranges::find(sections, name.section) != sections.end())
            continue;
        sections.push_back(name.section);
        list += fmt::format("{}[{}]", list.empty() ? "" : ", ", name.section);
    }
    std::string text = fmt::format("found section {}, expected {}", quote(section), list);
    if (const std::string_view near = nearest(section, sections); !near.empty())
        text += fmt::format("; did you mean [{}]?", near);
    return text;
}

std::string unknown_key(std::span<const SettingName> names, std::string_view section,
                        std::string_view key) {
    std::vector<std::string_view> here;
    std::vector<std::string_view> keys;
    for (const SettingName& name : names) {
        keys.push_back(name.key);
        if (name.section == section)
            here.push_back(name.key);
    }
    const std::string found = fmt::format("found key {} in [{}], expected", quote(key), section);
    if (const std::string_view near = nearest(key, here); !near.empty())
        return fmt::format("{} a key of that section; did you mean {}=?", found, near);
    const auto elsewhere = std::ranges::find(names, nearest(key, keys), &SettingName::key);
    if (elsewhere != names.end())
        return fmt::format("{} a key of that section; did you mean {}= in [{}]?", found,
                           elsewhere->key, elsewhere->section);
    return fmt::format("{} one of {}", found, fmt::join(here, ", "));
}

} // namespace

std::vector<NamedEntry> find_settings(std::span<const SettingName> names, const Ini& ini,
                                      std::vector<Diagnostic>& diagnostics) {
    std::vector<NamedEntry> found;
    std::vector<std::uint32_t> last_line(names.size());
    std::size_t unknown = 0;
    const auto report = [&](Severity severity, std::uint32_t line, std::string text) {
        if (++unknown <= max_complaints)
            diagnostics.push_back({severity, ini.file, line, std::move(text)});
    };
    for (const IniSection& section : ini.sections) {
        if (std::ranges::find(names, section.name, &SettingName::section) == names.end()) {
            report(Severity::Error, section.line, unknown_section(names, section.name));
            continue;
        }
        for (const IniEntry& entry : section.entries) {
            const auto name = std::ranges::find_if(names, [&](const SettingName& candidate) {
                return candidate.section == section.name && candidate.key == entry.key;
            });
            if (name == names.end()) {
                report(Severity::Error, entry.line, unknown_key(names, section.name, entry.key));
                continue;
            }
            const auto index = static_cast<std::size_t>(name - names.begin());
            if (last_line[index] > 0 && !name->list)
                report(
                    Severity::Note, entry.line,
                    fmt::format("{}= replaces its value of line {}", name->key, last_line[index]));
            last_line[index] = entry.line;
            found.push_back({index, &entry});
        }
    }
    return found;
}

Diagnostic refused_value(const Ini& ini, const IniEntry& entry, std::string_view complaint) {
    std::string text = fmt::format("{}=: {}", entry.key, complaint);
    const bool remark =
        entry.value.find(" #") != std::string::npos || entry.value.find(" ;") != std::string::npos;
    if (remark && complaint.find("comment") == std::string_view::npos)
        text += " (a comment must stand on its own line)";
    return {.file = ini.file, .line = entry.line, .text = std::move(text)};
}

bool has_error(std::span<const Diagnostic> diagnostics) noexcept {
    return std::ranges::any_of(diagnostics, [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Severity::Error;
    });
}

} // namespace reapd
