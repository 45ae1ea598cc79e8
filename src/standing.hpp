// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Why a cgroup is, or is not, among the candidates that a rule has just been asked for. Reads no
/// file: everything was measured for the choice.

#include "settings/rule.hpp"
#include "survey.hpp"
#include "tell/answers.hpp"

#include <optional>
#include <string_view>

namespace reapd {

/// What a rule chose, and where.
struct Chosen {
    const Table& table;
    const Rule& rule;
    RuleIndex index = 0;
    Slot watched = no_slot;
    const Choice& choice;
};

/// The cgroup that is asked about.
struct Subject {
    Slot slot = no_slot;
    std::string_view path{}; ///< without a slash before it; the root's is empty
    Immunity refusal = Immunity::None;
    std::optional<Measures> measures{};
};

struct Place {
    Standing standing = Standing::NotRanked;
    std::uint32_t position = 0; ///< in the ranking, from 1; 0: not in it
    Slot instead = no_slot;     ///< Inside: what would die
    bool operator==(const Place&) const = default;
};

/// The first reason that holds, in the order in which a person would have to change things: what
/// no rule may have before what this one may not, that before what it looks for.
Place place_of(const Chosen& chosen, const Subject& subject);

} // namespace reapd
