// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What settings of a rule mean together, each of them good alone.

#include "settings/rule.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// What a rule can ask of the kernel that not every one has; nothing: unknown.
struct KernelOffers {
    std::optional<bool> bounded_release{};
    std::optional<bool> madvise{};    ///< process_madvise
    std::optional<bool> reclaim{};    ///< memory.reclaim
    std::optional<bool> swappiness{}; ///< with swappiness=
    std::optional<bool> swap{};       ///< whether there is any now
};

/// What is wrong or remarkable about a whole rule, and the key whose line says it; none if it is
/// something that is missing.
struct Finding {
    std::string_view key{};
    std::string text{};
};

/// What cannot work.
std::optional<Finding> contradiction(const Rule& rule);

/// A setting that has no meaning for the action of the rule.
std::optional<Finding> unfit_for_action(const Rule& rule);

/// What the kernel lacks for the action of the rule.
std::vector<Finding> missing_for_action(const Rule& rule, const KernelOffers& kernel);

/// What works, but perhaps not as it was meant.
std::vector<Finding> oddities(const Rule& rule, const KernelOffers& kernel);

} // namespace reapd
