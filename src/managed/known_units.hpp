// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The units that were read, found by name and by cgroup path.

#include "managed/unit_says.hpp"

#include <set>

namespace reapd {

class KnownUnits {
public:
    /// What has changed in by_path().
    enum class Change : std::uint8_t {
        None,
        Quiet, ///< a unit that says nothing came or went
        Loud,  ///< what is said, and where
    };

    Change put(const std::string& unit, const std::string& path, const UnitSays& said);
    Change drop(const std::string& unit);

    /// Drops all that are not in `units`.
    Change keep(const std::set<std::string>& units);

    const UnitsByPath& by_path() const noexcept { return by_path_; }

private:
    UnitsByPath by_path_{};
    std::map<std::string, std::string> paths_{}; ///< by unit
};

} // namespace reapd
