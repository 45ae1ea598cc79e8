// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/rules.hpp"

#include "settings/rule_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace reapd {
namespace {

// The kernel's avg10, which systemd-oomd compares, is of the last ten seconds, too.
constexpr Microseconds pressure_window = std::chrono::seconds{10};
// Whoever asks for a cgroup to be watched has limited it to any size, perhaps to a few MiB. Only
// what sleeps is smaller.
constexpr Bytes least_victim = mib(1);

constexpr Permyriad whole{10'000};

/// "12.5" of a share, "30s" of a span: what the name of a rule may be made of.
std::string limit_name(Permyriad share, Microseconds duration) {
    std::string span = span_text(duration);
    std::erase(span, ' ');
    std::string number = share_text(share);
    number.pop_back();
    return fmt::format("ManagedOOMMemoryPressure-{}-{}", number, span);
}

// Where a whole login is one cgroup, one program of it dies, as by the shipped rules.
Rule common_rule(std::string name, std::string description) {
    return {.name = std::move(name),
            .file = "(units)",
            .description = std::move(description),
            .victim = {.processes_in = {logins}, .minimum_size = least_victim}};
}

/// Who has nothing in swap would leave it as full as it is.
void kill_by_swap(Rule& rule) {
    rule.victim.order = {Order::Swap, Order::Size};
    rule.victim.minimum_swap = least_victim;
}

Rule swap_rule(const Config& config) {
    Rule rule = common_rule("ManagedOOMSwap", "ManagedOOMSwap=kill of units");
    rule.when.memory_available =
        AmountLimit{.share = Permyriad{whole.value - config.swap_used_limit.value}};
    rule.when.swap_used =
        AmountLimit{.side = AmountLimit::Side::Above, .share = config.swap_used_limit};
    kill_by_swap(rule);
    return rule;
}

/// No stall at all is above no limit, and 0 % would hold all the time.
PressureLimit above(Permyriad share) {
    return {.share = std::max(share, Permyriad{1}), .window = pressure_window};
}

Rule pressure_rule(Permyriad limit, Microseconds duration) {
    Rule rule = common_rule(limit_name(limit, duration), "ManagedOOMMemoryPressure=kill of units");
    rule.when.pressure_full = above(limit);
    rule.when.lasting = duration;
    return rule;
}

Rule named_rule(const std::string& name, const OomdRule& oomd) {
    Rule rule = common_rule(fmt::format("{}{}", oomd_rule_prefix, name), "OOMRules= of units");
    rule.file = oomd.file;
    if (oomd.pressure_above)
        rule.when.pressure_full = above(*oomd.pressure_above);
    if (oomd.swap_above)
        rule.when.swap_used =
            AmountLimit{.side = AmountLimit::Side::Above, .share = oomd.swap_above};
    rule.when.lasting = oomd.lasting;
    switch (oomd.kill) {
    case OomdRule::Kill::All:
        rule.victim.among = Among::Self;
        rule.victim.processes_in.clear();
        break;
    case OomdRule::Kill::ByReclaim:
        rule.victim.order = {Order::Reclaim, Order::Size};
        break;
    case OomdRule::Kill::BySwap:
        kill_by_swap(rule);
        break;
    }
    return rule;
}

class Groups {
public:
    void add(const Claim& claim, Rule&& rule) {
        const Claimed more{.path = claim.path, .owner = claim.uid};
        if (!by_name_.contains(rule.name) && !may_make_rule(claim.uid))
            return;
        std::vector<Claimed>& claimed =
            by_name_.try_emplace(rule.name, std::move(rule)).first->second.claimed;
        if (std::ranges::find(claimed, more) == claimed.end() && has_room_for(claim.uid))
            claimed.push_back(more);
    }

    /// Those that root asks for before those that only users do.
    ManagedRules take() {
        ManagedRules result{.crowded = crowded_};
        for (auto& [name, rule] : by_name_)
            if (!rule.claimed.empty())
                result.rules.push_back(std::move(rule));
        std::ranges::stable_partition(
            result.rules, [](const Rule& rule) { return rule.claimed.front().owner == 0; });
        return result;
    }

private:
    bool may_make_rule(std::uint32_t uid) {
        if (uid != 0 && made_[uid] >= most_rules_of_one_user) {
            crowded_ = true;
            return false;
        }
        ++made_[uid];
        return true;
    }

    bool has_room_for(std::uint32_t uid) {
        if (uid == 0)
            return true;
        std::size_t& used = used_[uid];
        if (used >= most_of_one_user || used_by_all_ >= most_of_all_users) {
            crowded_ = true;
            return false;
        }
        ++used;
        ++used_by_all_;
        return true;
    }

    std::map<std::string, Rule> by_name_{};
    std::map<std::uint32_t, std::size_t> used_{}; ///< by user
    std::map<std::uint32_t, std::size_t> made_{}; ///< rules that nobody before asks for
    std::size_t used_by_all_ = 0;
    bool crowded_ = false;
};

} // namespace

ManagedRules managed_rules(std::vector<Claim> claims, const Policy& policy) {
    const Config& config = policy.config;
    if (!config.managed_oom)
        return {};
    // Root first, and people before the many uids that each of them can have in a user namespace.
    std::ranges::sort(claims, {},
                      [](const Claim& claim) { return std::tie(claim.uid, claim.path); });
    Groups groups;
    std::set<std::string> unknown;
    for (const Claim& claim : claims) {
        if (claim.unit.swap)
            groups.add(claim, swap_rule(config));
        const Permyriad limit = claim.unit.limit.value_or(config.managed_pressure_limit);
        const Microseconds duration =
            claim.unit.duration.value_or(config.managed_pressure_duration);
        if (claim.unit.pressure && limit < whole) // Nothing is above 100 %.
            groups.add(claim, pressure_rule(limit, duration));
        for (const std::string& name : claim.unit.rules) {
            const auto oomd = policy.oomd_rules.find(name);
            if (oomd == policy.oomd_rules.end())
                unknown.insert(name);
            else
                groups.add(claim, named_rule(name, oomd->second));
        }
    }
    ManagedRules result = groups.take();
    result.unknown = std::move(unknown);
    return result;
}

} // namespace reapd
