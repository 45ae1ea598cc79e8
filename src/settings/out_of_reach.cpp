// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/out_of_reach.hpp"

#include "settings/complaint.hpp"
#include "settings/rule_text.hpp"
#include "settings/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reapd {
namespace {

struct AmountSetting {
    std::string_view key;
    Bytes Amounts::* whole;
    std::string_view name;
};

constexpr std::array<AmountSetting, 4> amount_settings{
    {{"MemoryAvailable", &Amounts::memory, "memory"},
     {"MemoryCurrent", &Amounts::memory, "memory"},
     {"SwapFree", &Amounts::swap, "swap"},
     {"SwapUsed", &Amounts::swap, "swap"}}};

/// What is remarkable about the limit `text` where there is `whole`; empty if nothing is.
std::string_view effect_of(std::string_view text, Bytes whole) {
    const Parsed<AmountLimit> limit = parse_amount_limit(text);
    if (!limit || (limit->share && whole > Bytes{}))
        return {};
    if (limit->side == AmountLimit::Side::Above)
        return limit->share || limit->bytes >= whole ? "so this never holds" : "";
    return limit->share || limit->bytes > whole ? "so this always holds" : "";
}

} // namespace

void note_out_of_reach(const Ini& ini, const Amounts& whole, std::vector<Diagnostic>& diagnostics) {
    const auto note = [&](const IniEntry& entry, std::string_view of, Bytes there,
                          std::string_view effect) {
        diagnostics.push_back(
            {.severity = Severity::Note,
             .file = ini.file,
             .line = entry.line,
             .text = fmt::format("{}=: found {}, but this machine has {}, {}", entry.key,
                                 quote(entry.value),
                                 there > Bytes{} ? fmt::format("{} of {}", size_text(there), of)
                                                 : fmt::format("no {}", of),
                                 effect)});
    };
    for (const IniSection& section : ini.sections)
        for (const IniEntry& entry : section.entries) {
            const auto* const setting =
                std::ranges::find(amount_settings, entry.key, &AmountSetting::key);
            if (setting != amount_settings.end()) {
                const Bytes there = whole.*setting->whole;
                if (const std::string_view effect = effect_of(entry.value, there); !effect.empty())
                    note(entry, setting->name, there, effect);
            }
            const Parsed<Bytes> growth = parse_growth_limit(entry.value);
            if (entry.key == "MemoryGrowth" && growth && *growth >= whole.memory)
                note(entry, "memory", whole.memory, "so this never holds");
            const Parsed<Bytes> size = parse_size(entry.value);
            if (entry.key == "MinimumSize" && size && *size > whole.memory + whole.swap)
                note(entry, "memory and swap", whole.memory + whole.swap,
                     "so nothing is ever a victim");
        }
}

} // namespace reapd
