// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/unit_says.hpp"

#include "settings/rule.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace reapd {
namespace {

Wish wish_of(std::string_view preference) noexcept {
    if (preference == "avoid")
        return Wish::Avoid;
    if (preference == "omit")
        return Wish::Omit;
    return Wish::None;
}

} // namespace

UnitSays says(const UnitValues& values) {
    UnitSays said;
    said.unit.swap = values.swap == "kill";
    said.unit.pressure = values.pressure == "kill";
    if (said.unit.pressure && values.limit != 0)
        said.unit.limit = from_scale(values.limit);
    // "infinity" is larger than any.
    if (said.unit.pressure && values.duration != 0 &&
        std::in_range<Microseconds::rep>(values.duration))
        said.unit.duration = std::min(Microseconds{values.duration}, longest_managed_duration);
    said.unit.rules = values.rules;
    said.wish = wish_of(values.preference);
    return said;
}

std::optional<std::string> cgroup_path(std::string_view control_group) {
    if (!control_group.starts_with('/'))
        return {};
    return std::string{control_group.substr(1)};
}

bool can_be_managed(std::string_view unit) noexcept {
    constexpr std::array<std::string_view, 3> types{".service", ".slice", ".scope"};
    return std::ranges::any_of(types, [unit](std::string_view type) {
        return unit.size() > type.size() && unit.ends_with(type);
    });
}

} // namespace reapd
