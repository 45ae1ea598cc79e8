// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/oomd_conf.hpp"

#include "settings/setters.hpp"
#include "settings/table.hpp"

#include <algorithm>
#include <array>

namespace reapd {
namespace {

constexpr std::array<Setting<Config>, 3> settings{{
    {{"OOM", "SwapUsedLimit", "90%"},
     [](Config& config, std::string_view text) {
         return assign(config.swap_used_limit, parse_fraction(text));
     }},
    {{"OOM", "DefaultMemoryPressureLimit", "60%"},
     [](Config& config, std::string_view text) {
         return assign(config.managed_pressure_limit, parse_fraction(text));
     }},
    {{"OOM", "DefaultMemoryPressureDurationSec", "30s"},
     [](Config& config, std::string_view text) {
         // There, 0 means the default.
         const bool none = parse_span(text) == Microseconds{};
         return assign(
             config.managed_pressure_duration,
             parse_span(none ? "30s" : text, shortest_managed_duration, longest_managed_duration));
     }},
}};

/// Takes out of `ini` what we have no use for.
void keep_known(Ini& ini) {
    std::erase_if(ini.sections, [](const IniSection& section) {
        return section.name != settings.front().name.section;
    });
    for (IniSection& section : ini.sections)
        std::erase_if(section.entries, [](const IniEntry& entry) {
            return std::ranges::none_of(settings, [&](const Setting<Config>& setting) {
                return setting.name.key == entry.key;
            });
        });
}

} // namespace

void apply_oomd_conf(std::span<const SettingsFile> files, Config& config,
                     std::vector<Diagnostic>& diagnostics) {
    std::vector<Diagnostic> found;
    for (const SettingsFile& file : files) {
        Ini ini = parse_ini(file.path, file.text, found);
        keep_known(ini);
        apply(std::span<const Setting<Config>>{settings}, ini, config, found);
    }
    add_notes(std::move(found), diagnostics);
}

} // namespace reapd
