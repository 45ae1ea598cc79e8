// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"
#include "front.hpp"
#include "tell/dump.hpp"
#include "tell/report.hpp"

#include <fmt/format.h>

#include <algorithm>

/// What the guard tells, passed on: journal, bus, history, state.

namespace reapd {
namespace {

HistoryEnd history_end(const Told& told) {
    const Event& event = told.event;
    if (cools(event.means))
        return {.sentence = sentence(told), .released = event.released, .cooled = event.cooled};
    return {.sentence = sentence(told),
            .released = event.released,
            .until_signal = event.kill.until_signal,
            .until_released = event.until_released,
            .processes = event.kill.processes,
            .survivors = event.kill.survivors,
            .pressure_after = event.pressure_after,
            .useless = event.useless};
}

} // namespace

void Front::take_events() {
    hush(channel_.to_front);
    refresh_standing();
    Event event;
    while (channel_.events.pop(event))
        take(event);
    status_.dropped_events = channel_.dropped_events.load(std::memory_order_relaxed);
    status_.dropped_entries = journal_.dropped();
    refresh_state();
}

/// The rule that an event is about. Nothing when its policy is long gone.
const Rule* Front::rule_of(const Event& event) const {
    const auto package = packages_.find(event.generation);
    if (package == packages_.end() || event.rule >= package->second->policy.rules.size())
        return nullptr;
    return &package->second->policy.rules[event.rule];
}

void Front::take(const Event& event) {
    const Rule* const rule = rule_of(event);
    switch (event.kind) {
    case EventKind::Armed:
        follow_tree();
        if (const Result<bool> consistent = tree_.consistent(); consistent && !*consistent)
            rescan();
        break;
    case EventKind::Disarmed:
    case EventKind::Crossed:
        break;
    case EventKind::Refused:
        refuse_order(event);
        return;
    case EventKind::TriggerLost:
        if (const TreeNode* const node = tree_.by_id(event.watched); node && rule)
            triggers_.lost(node->slot, rule->name);
        refresh_watched();
        break;
    case EventKind::PolicyDone:
        // The last one is kept, and those of the last kill and of what stands frozen, which end
        // with their names. No more: users make new ones, and a kill's end may be lost.
        std::erase_if(packages_, [&](const auto& package) {
            const auto froze = [&](const auto& frozen) { return frozen.second == package.first; };
            return package.first < event.generation && package.first != acting_generation_ &&
                   std::ranges::none_of(frozen_by_rules_, froze);
        });
        if (const auto next = packages_.upper_bound(event.generation); next != packages_.end())
            next->second->marks = std::vector<Marks>{};
        return;
    case EventKind::Acted:
        if (!event.logged_only && !event.dry_run && event.means == Action::Kill) {
            acting_generation_ = event.generation;
            thaw_victim(event);
        }
        if (!event.dry_run && event.means == Action::Freeze)
            frozen_by_rules_[event.victim] = event.generation;
        if (action_text(event) == "kill")
            ++status_.kills;
        if (rule != nullptr)
            note_acted(*rule, event);
        break;
    case EventKind::FreezeOver:
        if (!thaw_in_time(event))
            return;
        break;
    case EventKind::Completed:
        if (event.means == Action::Freeze && event.error_code != 0)
            frozen_by_rules_.erase(event.victim);
        if (event.means != Action::Kill)
            break; // What went to swap is not given back.
        acting_generation_ = nothing_begun;
        status_.released_bytes += event.released.value;
        break;
    case EventKind::Relieved:
        acting_generation_ = nothing_begun;
        break;
    case EventKind::Stuck:
    case EventKind::Unstuck:
    case EventKind::HeldUp:
    case EventKind::GuardError:
        break;
    }
    Told told{.event = event, .rule = rule, .name_of = [this](CgroupId id) { return name_of(id); }};
    if (event.kind == EventKind::Acted && event.order != 0)
        answer_order(told);
    if (event.kind != EventKind::Crossed)
        tell(told);
    remember(told);
    refresh_state();
    face_.announce(told);
}

void Front::remember(const Told& told) {
    const Event& event = told.event;
    if (event.kind == EventKind::Completed) {
        for (HistoryEntry& entry : status_.history)
            if (entry.id == event.action)
                entry.end = history_end(told);
        return;
    }
    const bool acted = event.kind == EventKind::Acted || event.kind == EventKind::FreezeOver;
    if (!acted && event.kind != EventKind::Stuck && event.kind != EventKind::Relieved)
        return;
    HistoryEntry entry{.kind = acted                            ? "acted"
                               : event.kind == EventKind::Stuck ? "stuck"
                                                                : "relieved",
                       .id = acted ? event.action : 0,
                       .realtime_usec = realtime_usec(),
                       .rule = rule_text(told),
                       .cgroup = name_of(event.victim),
                       .watched = name_of(event.watched),
                       .action = acted ? action_text(event) : std::string{},
                       .sentence = sentence(told),
                       .promise = event.promise,
                       .pid = event.victim_pid,
                       .pressure_full = event.pressure_full,
                       .pressure = event.pressure,
                       .window = event.window,
                       .memory = event.memory};
    if (event.kind == EventKind::Stuck)
        entry.reason = reason_text(event.stuck);
    if (event.order != 0) {
        entry.requester = told.requester;
        entry.reason = told.reason;
    }
    reapd::remember(status_.history, std::move(entry), package_->policy.config.history_size);
}

void Front::refresh_state() {
    const bool degraded = status_.builtin_rules || !settings_.features.psi ||
                          !settings_.features.unified || !settings_.features.memory_controller;
    std::string state = degraded ? "degraded" : "idle";
    if (channel_.armed.load(std::memory_order_relaxed) > 0)
        state = "watching";
    if (channel_.stuck.load(std::memory_order_relaxed) > 0)
        state = "stuck";
    if (channel_.acting.load(std::memory_order_relaxed))
        state = "acting";
    if (state == status_.state && told_state_)
        return;
    status_.state = std::move(state);
    told_state_ = true;
    face_.state_changed();
    notify_.send(fmt::format("STATUS={}: {} rules, {} cgroups, {} kills", status_.state,
                             package_->policy.rules.size(), tree_.size(), status_.kills));
}

/// One that was asked to end and then killed has acted once.
void Front::note_acted(const Rule& rule, const Event& event) {
    if (std::exchange(last_acted_, event.action) == event.action)
        return;
    RuleNumbers& numbers = status_.rule_numbers[rule.name];
    numbers.last_acted_usec = realtime_usec();
    ++numbers.acted;
    face_.rule_moved(rule.name, "LastActed");
    face_.rule_moved(rule.name, "ActedCount");
}

/// Above of every rule, as the guard sees it; what it says of another policy is not about these.
void Front::refresh_standing() {
    const Channel::Standing& standing = channel_.standing;
    const std::vector<Rule>& rules = package_->policy.rules;
    if (!standing.is_of(package_->policy))
        return;
    const RuleMask above = standing.above.load(std::memory_order_acquire);
    if (!standing.is_of(package_->policy))
        return;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const bool now = (above >> i & 1) != 0;
        if (std::exchange(status_.rule_numbers[rules[i].name].above, now) != now)
            face_.rule_moved(rules[i].name, "Above");
    }
}

std::optional<Permyriad> Front::share_of_rule(const Rule& rule) const {
    if (amounts_only(rule.when))
        return std::nullopt;
    const Channel::Standing& standing = channel_.standing;
    const std::vector<Rule>& rules = package_->policy.rules;
    const auto found = std::ranges::find(rules, rule.name, &Rule::name);
    if (found == rules.end())
        return std::nullopt;
    const auto index = static_cast<std::size_t>(found - rules.begin());
    const bool is_ours = standing.is_of(package_->policy);
    const std::uint32_t told = standing.shares[index].load(std::memory_order_acquire);
    if (told > 0 && is_ours && standing.is_of(package_->policy))
        return Permyriad{told - 1};
    std::optional<Permyriad> most;
    for (const Watched& watched : status_.watched)
        if (watched.rule == escape(rule.name))
            if (const std::optional<Permyriad> share = share_of(watched); share)
                most = std::max(most, share);
    return most;
}

std::string Front::dump() {
    status_.cgroups = tree_.size();
    status_.cgroups_left_out = tree_.left_out();
    status_.dropped_entries = journal_.dropped();
    return dump_json(status_);
}

std::array<double, 6> Front::pressure() const {
    const Result<Pressure> now = read_pressure(machine_, Row{});
    if (!now)
        return {};
    const auto percent = [](Permyriad share) { return share.value / 100.0; };
    return {percent(now->some.avg10), percent(now->some.avg60), percent(now->some.avg300),
            percent(now->full.avg10), percent(now->full.avg60), percent(now->full.avg300)};
}

std::optional<Permyriad> Front::share_of(const Watched& watched) const {
    const TreeNode* const node = node_at(unescape(watched.cgroup));
    const std::vector<Rule>& rules = package_->policy.rules;
    const auto rule = std::ranges::find(rules, unescape(watched.rule), &Rule::name);
    return node == nullptr || rule == rules.end() ? std::nullopt : share_of(*rule, *node);
}

std::optional<Permyriad> Front::share_of(const Rule& rule, const TreeNode& watched) const {
    const Result<Pressure> now =
        read_pressure(machine_, Row{.dir = watched.dir.get(), .parent = watched.parent});
    if (!now)
        return std::nullopt;
    const bool some = !rule.when.pressure_full && rule.when.pressure_some;
    return some ? now->some.avg10 : now->full.avg10;
}

} // namespace reapd
