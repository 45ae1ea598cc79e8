// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/known_units.hpp"

#include <algorithm>
#include <vector>

namespace reapd {
namespace {

using Change = KnownUnits::Change;

Change how_loud(const UnitSays& said) noexcept {
    return said.anything() ? Change::Loud : Change::Quiet;
}

} // namespace

Change KnownUnits::put(const std::string& unit, const std::string& path, const UnitSays& said) {
    Change change = Change::None;
    if (const auto before = paths_.find(unit); before != paths_.end() && before->second != path)
        change = drop(unit);
    paths_[unit] = path;
    const auto [at, added] = by_path_.try_emplace(path, said);
    if (added)
        return std::max(change, how_loud(said));
    if (at->second == said)
        return change;
    at->second = said;
    return Change::Loud;
}

Change KnownUnits::drop(const std::string& unit) {
    const auto path = paths_.find(unit);
    if (path == paths_.end())
        return Change::None;
    Change change = Change::None;
    if (const auto at = by_path_.find(path->second); at != by_path_.end()) {
        change = how_loud(at->second);
        by_path_.erase(at);
    }
    paths_.erase(path);
    return change;
}

Change KnownUnits::keep(const std::set<std::string>& units) {
    std::vector<std::string> over;
    for (const auto& [unit, path] : paths_)
        if (!units.contains(unit))
            over.push_back(unit);
    Change change = Change::None;
    for (const std::string& unit : over)
        change = std::max(change, drop(unit));
    return change;
}

} // namespace reapd
