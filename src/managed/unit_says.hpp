// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the ManagedOOM properties of a unit mean.

#include "managed/managed.hpp"
#include "sense/table.hpp"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace reapd {

/// One unit of the system manager's, as its properties say.
struct UnitSays {
    ManagedUnit unit{};
    Wish wish = Wish::None; ///< ManagedOOMPreference=

    bool anything() const noexcept { return unit.asks() || wish != Wish::None; }
    bool operator==(const UnitSays&) const = default;
};

/// By cgroup path: no leading slash, "" is -.slice.
using UnitsByPath = std::map<std::string, UnitSays, std::less<>>;

/// The properties as the manager gives them, see org.freedesktop.systemd1(5).
struct UnitValues {
    std::string swap{};          ///< ManagedOOMSwap
    std::string pressure{};      ///< ManagedOOMMemoryPressure
    std::string preference{};    ///< ManagedOOMPreference
    std::string control_group{}; ///< ControlGroup; empty: it has none now
    std::uint32_t limit = 0;     ///< ManagedOOMMemoryPressureLimit; 0: the daemon's default
    std::uint64_t duration = std::numeric_limits<std::uint64_t>::max(); ///< …DurationUSec; default
    std::vector<std::string> rules{};                                   ///< OOMRules
};

/// Words that are not known mean the same as "auto" and "none": newer managers may have more.
UnitSays says(const UnitValues& values);

/// Where its cgroup is. Nothing without one.
std::optional<std::string> cgroup_path(std::string_view control_group);

/// Whether units of that name can have these properties: services, slices and scopes.
bool can_be_managed(std::string_view unit) noexcept;

} // namespace reapd
