// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The entries in which service managers report ManagedOOM*: one for each property of a unit that
/// is not "auto" or has changed. Values in, values out.

#include "base/units.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

enum class ManagedProperty : std::uint8_t { Swap, Pressure, Rules };

struct ManagedEntry {
    std::string path{}; ///< as in Claim
    ManagedProperty property = ManagedProperty::Swap;
    bool kill = false; ///< not: takes back what was said before
    std::optional<Permyriad> limit{};
    std::optional<Microseconds> duration{};
    std::vector<std::string> rules{};
    bool operator==(const ManagedEntry&) const = default;
};

struct Entries {
    std::vector<ManagedEntry> good{}; ///< in their order
    std::string fault{};              ///< of the first bad one; empty: there is none
    bool operator==(const Entries&) const = default;
};

/// Reads the list `cgroups` of a message from `uid`. A bad entry is left out alone; one about a
/// property that we do not know is no fault. The hierarchy's root is for uid 0 only.
Entries read_entries(const nlohmann::json& cgroups, std::uint32_t uid);

/// `text` without its leading slash, if it is the absolute and only name of a cgroup: a path with
/// "..", "." or an empty part would mean another than the one whose owner is asked.
/// "" and "/" are the root.
std::optional<std::string> reported_path(std::string_view text);

} // namespace reapd
