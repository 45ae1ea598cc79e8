// SPDX-License-Identifier: LGPL-2.1-or-later
#include "triggers.hpp"

#include "channel.hpp"
#include "decide/pace.hpp"
#include "sense/trigger.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cstring>

namespace reapd {

bool Triggers::stand_one(Standing& standing, const TreeNode& node, const PressureLimit& limit,
                         bool full) {
    const StallKind kind = full ? StallKind::Full : StallKind::Some;
    bool privileged = privileged_ && privileged_count_ < max_privileged_triggers;
    const bool is_root = node.path.empty();
    const int dir = is_root ? proc_ : node.dir.get();
    Result<Fd> trigger =
        open_trigger(dir, is_root, plan_trigger(limit, kind, smallest_window_, privileged));
    if (!trigger && privileged) {
        privileged = false;
        trigger = open_trigger(dir, is_root, plan_trigger(limit, kind, smallest_window_, false));
    }
    if (!trigger) {
        standing.error = ::strerrordesc_np(trigger.error().code);
        return false;
    }
    const TriggerTag tag{.slot = node.slot,
                         .rule = static_cast<std::uint8_t>(standing.index),
                         .full = full,
                         .privileged = privileged};
    // Edge-triggered: a removed cgroup's trigger stays ready for ever.
    epoll_event event{.events = EPOLLPRI | EPOLLET, .data = {.u64 = tag.packed()}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, trigger->get(), &event) != 0) {
        standing.error = ::strerrordesc_np(errno);
        return false;
    }
    standing.privileged += privileged ? 1 : 0;
    privileged_count_ += privileged ? 1 : 0;
    standing.descriptors.push_back(std::move(*trigger));
    return true;
}

bool Triggers::stand(Standing& standing, const TreeNode& node) {
    bool all = true;
    if (standing.some)
        all = stand_one(standing, node, *standing.some, false);
    if (standing.full)
        all = stand_one(standing, node, *standing.full, true) && all;
    return all;
}

bool Triggers::stands(Slot slot, std::uint32_t index) const {
    const auto [first, last] = standing_.equal_range(slot);
    return std::any_of(first, last, [&](const auto& entry) { return entry.second.index == index; });
}

void Triggers::add(const TreeNode& node, const Marks& marks, const Policy& policy) {
    for (std::uint32_t index = 0; index < policy.rules.size(); ++index) {
        if ((marks.watched >> index & 1) == 0 || stands(node.slot, index))
            continue;
        const Rule& rule = policy.rules[index];
        Standing standing{.index = index,
                          .rule = rule.name,
                          .some = rule.when.pressure_some,
                          .full = rule.when.pressure_full,
                          .cgroup = node.id};
        if (amounts_only(rule.when))
            standing.error = "polled: the rule looks at amounts only";
        else if (!stand(standing, node))
            untriggered_(node.slot, index);
        standing_.emplace(node.slot, std::move(standing));
    }
}

void Triggers::remove(Slot slot) {
    const auto [first, last] = standing_.equal_range(slot);
    for (auto it = first; it != last; ++it)
        privileged_count_ -= it->second.privileged;
    standing_.erase(first, last);
}

void Triggers::lost(Slot slot, std::uint32_t rule, const Policy& policy) {
    const auto [first, last] = standing_.equal_range(slot);
    for (auto it = first; it != last; ++it) {
        Standing& standing = it->second;
        if (rule >= policy.rules.size() || standing.rule != policy.rules[rule].name)
            continue;
        privileged_count_ -= std::exchange(standing.privileged, 0);
        standing.descriptors.clear();
        standing.error = "polled: its pressure accounting was switched off";
        untriggered_(slot, rule); // Should the guard have taken in a new policy meanwhile.
    }
}

void Triggers::keep(const Policy& policy, std::span<const Marks> marks) {
    std::erase_if(standing_, [&](const auto& entry) {
        const auto& [slot, standing] = entry;
        if (standing.error.empty() && standing.index < policy.rules.size() && slot < marks.size() &&
            (marks[slot].watched >> standing.index & 1) != 0) {
            const Rule& rule = policy.rules[standing.index];
            if (rule.name == standing.rule && rule.when.pressure_some == standing.some &&
                rule.when.pressure_full == standing.full)
                return false;
        }
        privileged_count_ -= standing.privileged;
        return true;
    });
}

std::vector<Watched> Triggers::list(const std::function<std::string(CgroupId)>& name_of) const {
    std::vector<Watched> lines;
    lines.reserve(standing_.size());
    for (const auto& [slot, standing] : standing_)
        lines.push_back({.rule = standing.rule,
                         .cgroup = name_of(standing.cgroup),
                         .triggered = !standing.descriptors.empty() && standing.error.empty(),
                         .privileged = standing.privileged > 0,
                         .trigger_error = standing.error});
    std::ranges::sort(lines, {},
                      [](const Watched& line) { return std::tie(line.rule, line.cgroup); });
    return lines;
}

} // namespace reapd
