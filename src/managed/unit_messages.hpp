// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Messages of org.freedesktop.systemd1 taken apart: bytes in, values out.

#include "managed/unit_reads.hpp"
#include "managed/unit_says.hpp"

#include <systemd/sd-bus.h>

#include <array>
#include <optional>
#include <set>
#include <string>

namespace reapd {

namespace systemd1 {
constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* path = "/org/freedesktop/systemd1";
constexpr const char* units = "/org/freedesktop/systemd1/unit";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";
} // namespace systemd1

/// Whether `answer` says that the call has failed.
inline bool is_error(sd_bus_message* answer) noexcept {
    return sd_bus_message_is_method_error(answer, nullptr) > 0;
}

enum class UnitProperty : std::uint8_t {
    Swap,
    Pressure,
    Preference,
    ControlGroup,
    Rules,
    Limit,
    Duration
};
constexpr std::size_t unit_property_count = 7;

struct UnitPropertyTraits {
    const char* name = nullptr;
    bool everywhere = true;     ///< no: only newer managers know it
    bool pressure_only = false; ///< means something only where pressure is watched
};
const UnitPropertyTraits& traits_of(UnitProperty property) noexcept;

/// The name of the unit of that object. Nothing if it is another kind of unit than we follow.
std::optional<std::string> unit_of_object(const char* path);

std::optional<std::string> object_of_unit(const std::string& unit);

/// The interface that has the properties for units of that kind.
const char* interface_of(const std::string& unit) noexcept;

/// PropertiesChanged of the interface org.freedesktop.systemd1.Unit.
/// @return nothing if it tells nothing of ActiveState, or is malformed
std::optional<UnitState> read_unit_state(sd_bus_message* signal);

/// The answer of ListUnitsByPatterns().
std::optional<std::set<std::string>> read_unit_list(sd_bus_message* answer);

/// The answer of Get() into its place in `values`.
/// @return false if it has another type than expected
bool read_property(sd_bus_message* answer, UnitProperty property, UnitValues& values);

} // namespace reapd
