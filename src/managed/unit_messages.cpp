// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/unit_messages.hpp"

#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

namespace reapd {
namespace {

constexpr std::array<UnitPropertyTraits, unit_property_count> all_traits{{
    {.name = "ManagedOOMSwap"},
    {.name = "ManagedOOMMemoryPressure"},
    {.name = "ManagedOOMPreference"},
    {.name = "ControlGroup"},
    {.name = "OOMRules", .everywhere = false}, // systemd 261
    {.name = "ManagedOOMMemoryPressureLimit", .pressure_only = true},
    {.name = "ManagedOOMMemoryPressureDurationUSec", // systemd 257
     .everywhere = false,
     .pressure_only = true},
}};

using Text = std::unique_ptr<char, decltype([](char* text) { std::free(text); })>;

bool read_text(sd_bus_message* answer, std::string& into) {
    const char* text = nullptr;
    if (sd_bus_message_read(answer, "v", "s", &text) < 0)
        return false;
    into = text;
    return true;
}

bool read_texts(sd_bus_message* answer, std::vector<std::string>& into) {
    if (sd_bus_message_enter_container(answer, 'v', "as") < 0 ||
        sd_bus_message_enter_container(answer, 'a', "s") < 0)
        return false;
    into.clear();
    const char* text = nullptr;
    int r = 0;
    while ((r = sd_bus_message_read(answer, "s", &text)) > 0)
        into.emplace_back(text);
    return r == 0;
}

/// One entry of the dictionary that PropertiesChanged carries.
int read_changed(sd_bus_message* signal, UnitState& into) {
    const char* name = nullptr;
    int r = sd_bus_message_read(signal, "s", &name);
    if (r < 0)
        return r;
    const std::string_view property = name;
    if (property == "ActiveState") {
        const char* state = nullptr;
        r = sd_bus_message_read(signal, "v", "s", &state);
        if (r >= 0)
            into.active = state;
    } else if (property == "ActiveEnterTimestampMonotonic") {
        r = sd_bus_message_read(signal, "v", "t", &into.since);
    } else {
        r = sd_bus_message_skip(signal, "v");
    }
    return r;
}

} // namespace

const UnitPropertyTraits& traits_of(UnitProperty property) noexcept {
    return all_traits[std::to_underlying(property)];
}

std::optional<std::string> unit_of_object(const char* path) {
    char* decoded = nullptr;
    if (!path || sd_bus_path_decode(path, systemd1::units, &decoded) <= 0)
        return {};
    const Text unit{decoded};
    if (!can_be_managed(unit.get()))
        return {};
    return unit.get();
}

std::optional<std::string> object_of_unit(const std::string& unit) {
    char* path = nullptr;
    if (sd_bus_path_encode(systemd1::units, unit.c_str(), &path) < 0)
        return {};
    const Text owned{path};
    return path;
}

const char* interface_of(const std::string& unit) noexcept {
    if (unit.ends_with(".slice"))
        return "org.freedesktop.systemd1.Slice";
    if (unit.ends_with(".scope"))
        return "org.freedesktop.systemd1.Scope";
    return "org.freedesktop.systemd1.Service";
}

std::optional<UnitState> read_unit_state(sd_bus_message* signal) {
    if (sd_bus_message_skip(signal, "s") < 0 ||
        sd_bus_message_enter_container(signal, 'a', "{sv}") < 0)
        return {};
    UnitState state;
    int r = 0;
    while ((r = sd_bus_message_enter_container(signal, 'e', "sv")) > 0) {
        r = read_changed(signal, state);
        if (r >= 0)
            r = sd_bus_message_exit_container(signal);
        if (r < 0)
            return {};
    }
    if (r < 0 || state.active.empty())
        return {};
    return state;
}

std::optional<std::set<std::string>> read_unit_list(sd_bus_message* answer) {
    if (sd_bus_message_enter_container(answer, 'a', "(ssssssouso)") < 0)
        return {};
    std::set<std::string> units;
    int r = 0;
    while ((r = sd_bus_message_enter_container(answer, 'r', "ssssssouso")) > 0) {
        const char* name = nullptr;
        r = sd_bus_message_read(answer, "s", &name);
        if (r >= 0)
            r = sd_bus_message_skip(answer, "sssssouso");
        if (r >= 0)
            r = sd_bus_message_exit_container(answer);
        if (r < 0)
            return {};
        if (can_be_managed(name))
            units.insert(name);
    }
    if (r < 0)
        return {};
    return units;
}

bool read_property(sd_bus_message* answer, UnitProperty property, UnitValues& values) {
    switch (property) {
    case UnitProperty::Swap:
        return read_text(answer, values.swap);
    case UnitProperty::Pressure:
        return read_text(answer, values.pressure);
    case UnitProperty::Preference:
        return read_text(answer, values.preference);
    case UnitProperty::ControlGroup:
        return read_text(answer, values.control_group);
    case UnitProperty::Rules:
        return read_texts(answer, values.rules);
    case UnitProperty::Limit:
        return sd_bus_message_read(answer, "v", "u", &values.limit) >= 0;
    case UnitProperty::Duration:
        return sd_bus_message_read(answer, "v", "t", &values.duration) >= 0;
    }
    return false;
}

} // namespace reapd
