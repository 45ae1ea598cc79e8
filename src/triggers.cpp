// SPDX-License-Identifier: LGPL-2.1-or-later
#include "triggers.hpp"

#include "decide/pace.hpp"
#include "sense/trigger.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cstring>

namespace reapd {
namespace {

/// Edge-triggered: a removed cgroup's trigger stays ready for ever.
bool join(int epoll, int operation, int trigger, const TriggerTag& tag) noexcept {
    epoll_event event{.events = EPOLLPRI | EPOLLET, .data = {.u64 = tag.packed()}};
    return ::epoll_ctl(epoll, operation, trigger, &event) == 0;
}

} // namespace

bool Triggers::stand_one(Standing& standing, const TreeNode& node, const PressureLimit& limit,
                         bool full, bool privileged) {
    const StallKind kind = full ? StallKind::Full : StallKind::Some;
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
    if (!join(epoll_, EPOLL_CTL_ADD, trigger->get(), tag)) {
        standing.error = ::strerrordesc_np(errno);
        return false;
    }
    standing.privileged += privileged ? 1 : 0;
    privileged_count_ += privileged ? 1 : 0;
    standing.alarms.push_back({.trigger = std::move(*trigger), .tag = tag});
    return true;
}

bool Triggers::stand(Standing& standing, const TreeNode& node, bool privileged) {
    const auto may = [&] {
        return privileged && privileged_ && privileged_count_ < max_privileged_triggers;
    };
    bool all = true;
    if (standing.some)
        all = stand_one(standing, node, *standing.some, false, may());
    if (standing.full)
        all = stand_one(standing, node, *standing.full, true, may()) && all;
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
        else if (!stand(standing, node, (marks.asked >> index & 1) == 0))
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

void Triggers::lost(Slot slot, std::string_view rule) {
    const auto [first, last] = standing_.equal_range(slot);
    for (auto it = first; it != last; ++it) {
        Standing& standing = it->second;
        if (standing.rule != rule)
            continue;
        privileged_count_ -= std::exchange(standing.privileged, 0);
        standing.alarms.clear();
        standing.error = "polled: its pressure accounting was switched off";
        // Should the guard have taken in a new policy meanwhile.
        untriggered_(slot, standing.index);
    }
}

bool Triggers::stays(Slot slot, Standing& standing, const Policy& policy,
                     std::span<const Marks> marks) {
    const auto rule = std::ranges::find(policy.rules, standing.rule, &Rule::name);
    if (!standing.error.empty() || rule == policy.rules.end() || slot >= marks.size() ||
        rule->when.pressure_some != standing.some || rule->when.pressure_full != standing.full)
        return false;
    const auto index = static_cast<std::uint32_t>(rule - policy.rules.begin());
    if ((marks[slot].watched >> index & 1) == 0)
        return false;
    if (std::exchange(standing.index, index) == index)
        return true;
    return std::ranges::all_of(standing.alarms, [&](Alarm& alarm) {
        alarm.tag.rule = static_cast<std::uint8_t>(index);
        return join(epoll_, EPOLL_CTL_MOD, alarm.trigger.get(), alarm.tag);
    });
}

void Triggers::keep(const Policy& policy, std::span<const Marks> marks) {
    for (auto at = standing_.begin(); at != standing_.end();) {
        auto& [slot, standing] = *at;
        if (stays(slot, standing, policy, marks)) {
            ++at;
            continue;
        }
        privileged_count_ -= standing.privileged;
        at = standing_.erase(at);
    }
}

std::vector<Watched> Triggers::list(const std::function<std::string(CgroupId)>& name_of) const {
    std::vector<Watched> lines;
    lines.reserve(standing_.size());
    for (const auto& [slot, standing] : standing_)
        lines.push_back({.rule = standing.rule,
                         .cgroup = name_of(standing.cgroup),
                         .triggered = !standing.alarms.empty() && standing.error.empty(),
                         .privileged = standing.privileged > 0,
                         .trigger_error = standing.error});
    std::ranges::sort(lines, {},
                      [](const Watched& line) { return std::tie(line.rule, line.cgroup); });
    return lines;
}

} // namespace reapd
