// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/handover.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ranges>

namespace reapd {
namespace {

using nlohmann::json;
using Make = Step::Make;

void add(std::vector<Step>& steps, Make make, const std::vector<FoundUnit>& units) {
    for (const FoundUnit& unit : units)
        if (unit.installed())
            steps.push_back({make, unit.name});
}

bool ran(const FoundUnit& unit) {
    return unit.active == "active" || unit.active == "activating" || unit.active == "reloading";
}

} // namespace

std::string_view word_for(Make make) noexcept {
    switch (make) {
    case Make::Stopped:
        return "stopped";
    case Make::Masked:
        return "masked";
    case Make::Unmasked:
        return "unmasked";
    case Make::Enabled:
        return "enabled";
    case Make::Disabled:
        return "disabled";
    case Make::Started:
        return "started";
    }
    return "";
}

std::vector<Step> steps_to_adopt(const std::vector<FoundUnit>& theirs,
                                 const std::vector<FoundUnit>& ours) {
    std::vector<Step> steps;
    // First what may fail (for a unit file of the administrator's), while they still run.
    add(steps, Make::Masked, theirs);
    add(steps, Make::Stopped, theirs);
    add(steps, Make::Enabled, ours);
    const bool all_run = std::ranges::all_of(
        ours, [](const FoundUnit& unit) { return !unit.installed() || ran(unit); });
    if (!all_run)
        add(steps, Make::Stopped, ours);
    add(steps, Make::Started, ours);
    return steps;
}

std::vector<Step> steps_to_release(const std::vector<FoundUnit>& remembered,
                                   const std::vector<FoundUnit>& ours) {
    std::vector<Step> steps;
    add(steps, Make::Stopped, ours);
    add(steps, Make::Disabled, ours);
    for (const FoundUnit& unit : remembered)
        if (unit.installed() && unit.file != "masked")
            steps.push_back({Make::Unmasked, unit.name});
    // The service first: Also= in it makes the socket follow, which then gets its own state.
    for (const FoundUnit& unit : std::views::reverse(remembered)) {
        if (unit.file == "enabled")
            steps.push_back({Make::Enabled, unit.name});
        else if (unit.file == "disabled")
            steps.push_back({Make::Disabled, unit.name});
    }
    for (const FoundUnit& unit : remembered)
        if (ran(unit))
            steps.push_back({Make::Started, unit.name});
    return steps;
}

std::string remembered_text(const std::vector<FoundUnit>& states) {
    json units = json::array();
    for (const FoundUnit& unit : states)
        units.push_back(
            {{"unit", unit.name}, {"unit_file_state", unit.file}, {"active_state", unit.active}});
    return json{{"units", std::move(units)}}.dump(4) + "\n";
}

std::optional<std::vector<FoundUnit>> parse_remembered(const std::string& text) {
    const json document = json::parse(text, nullptr, false);
    if (!document.is_object() || !document.contains("units") || !document["units"].is_array())
        return std::nullopt;
    std::vector<FoundUnit> states;
    for (const json& row : document["units"]) {
        const auto member = [&row](const char* key) -> const std::string* {
            const auto found = row.find(key);
            return found == row.end() ? nullptr : found->get_ptr<const std::string*>();
        };
        if (!row.is_object())
            return std::nullopt;
        const std::string* const name = member("unit");
        const std::string* const file = member("unit_file_state");
        const std::string* const active = member("active_state");
        // Nobody is led to start other units than these.
        if (!name || !file || !active || std::ranges::find(their_units, *name) == their_units.end())
            return std::nullopt;
        states.push_back({.name = *name, .file = *file, .active = *active});
    }
    return states;
}

} // namespace reapd
