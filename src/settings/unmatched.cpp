// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/unmatched.hpp"

#include "settings/complaint.hpp"
#include "settings/glob.hpp"
#include "settings/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace reapd {
namespace {

namespace fs = std::filesystem;

/// The settings made of globs, and whether one without slash matches anywhere in the tree.
constexpr std::array<std::pair<std::string_view, bool>, 6> glob_settings{{{"Watch", false},
                                                                          {"Prefer", true},
                                                                          {"Avoid", true},
                                                                          {"Protect", true},
                                                                          {"ProcessesIn", true},
                                                                          {"Essential", true}}};

} // namespace

std::vector<std::string> list_cgroups(const std::string& mount) {
    std::vector<std::string> cgroups;
    std::error_code error; // cgroups vanish while they are listed
    if (!fs::is_directory(mount, error))
        return cgroups;
    cgroups.emplace_back();
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at{mount, options, error}, end; !error && at != end;
         at.increment(error))
        if (std::error_code ignored; at->is_directory(ignored) && !at->is_symlink(ignored))
            cgroups.push_back(at->path().native().substr(mount.size() + 1));
    return cgroups;
}

void note_unmatched(const Ini& ini, std::span<const std::string> cgroups,
                    std::vector<Diagnostic>& diagnostics) {
    if (cgroups.empty())
        return;
    for (const IniSection& section : ini.sections)
        for (const IniEntry& entry : section.entries) {
            const auto* const setting =
                std::ranges::find(glob_settings, entry.key, [](const auto& s) { return s.first; });
            if (setting == glob_settings.end())
                continue;
            for (const std::string_view word : split_words(entry.value)) {
                const Parsed<std::string> glob = parse_glob(word);
                if (!glob || std::ranges::any_of(cgroups, [&](const std::string& path) {
                        return matches(*glob, path, setting->second);
                    }))
                    continue;
                diagnostics.push_back(
                    {.severity = Severity::Note,
                     .file = ini.file,
                     .line = entry.line,
                     .text = fmt::format("{}=: found {}, which matches no cgroup now", entry.key,
                                         quote(word))});
            }
        }
}

} // namespace reapd
