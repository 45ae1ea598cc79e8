// SPDX-License-Identifier: LGPL-2.1-or-later
#include "marks.hpp"

#include "settings/glob.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reapd {
namespace {

/// Whether `path` lies outside of what `users` run, which is below user.slice/user-UID.slice. The
/// two cgroups above those hold several users and say nothing yet.
bool of_others(std::span<const std::uint32_t> users, std::string_view path) {
    if (users.empty() || path.empty() || path == "user.slice")
        return false;
    return std::ranges::none_of(users, [&](std::uint32_t uid) {
        const std::string slice = fmt::format("user.slice/user-{}.slice", uid);
        return path == slice || path.starts_with(slice + '/');
    });
}

void halve(std::optional<AmountLimit>& limit) {
    if (!limit || limit->side != AmountLimit::Side::Below)
        return;
    if (limit->share)
        limit->share->value /= 2;
    limit->bytes.value /= 2;
}

} // namespace

bool is_self_or_ancestor(std::string_view path, std::string_view of) {
    return path.empty() || of == path ||
           (of.starts_with(path) && of.substr(path.size()).starts_with('/'));
}

Marks marks_of(const Policy& policy, std::string_view path, std::string_view own,
               const Ownership& ownership, bool wish_of_root) {
    Marks marks{.wish = ownership.wish, .wish_of_root = wish_of_root, .owner = ownership.owner};
    const auto claimed_by = [&](const Rule& rule, std::uint32_t uid) {
        return std::ranges::any_of(rule.claimed, [&](const Claimed& claimed) {
            return claimed.path == path && claimed.owner == uid;
        });
    };
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
        const Rule& rule = policy.rules[i];
        const RuleMask bit = RuleMask{1} << i;
        const bool by_root = matches_any(rule.watch, path) || claimed_by(rule, 0);
        if (by_root || claimed_by(rule, ownership.owner))
            marks.watched |= bit;
        if (!by_root)
            marks.asked |= marks.watched & bit;
        if (matches_any(rule.victim.protect, path, true) || of_others(rule.victim.users, path) ||
            (stops(rule) && matches(logins, path)))
            marks.spared |= bit;
        if (covers(rule.victim.prefer, path))
            marks.preferred |= bit;
        if (covers(rule.victim.avoid, path))
            marks.avoided |= bit;
        if (matches_any(rule.victim.processes_in, path, true))
            marks.processes |= bit;
    }
    const bool essential = covers(policy.config.essential, path);
    marks.dear = essential && ownership.owner != 0 && is_named_by_user(path);
    marks.never =
        is_self_or_ancestor(path, own) || path == "init.scope" || (essential && !marks.dear);
    if (marks.dear)
        marks.wish = Wish::Omit;
    marks.unit = path.ends_with(".service") || path.ends_with(".scope");
    return marks;
}

Policy without_pressure(Policy policy, std::vector<std::string>& lost) {
    std::erase_if(policy.rules, [&](const Rule& rule) {
        if (!asks_amounts(rule.when))
            lost.push_back(rule.name);
        return !asks_amounts(rule.when);
    });
    for (Rule& rule : policy.rules) {
        if (amounts_only(rule.when))
            continue;
        rule.when.pressure_some.reset();
        rule.when.pressure_full.reset();
        halve(rule.when.memory_available);
        halve(rule.when.swap_free);
        halve(rule.when.memory_current);
    }
    return policy;
}

} // namespace reapd
