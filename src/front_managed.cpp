// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"
#include "front.hpp"
#include "managed/rules.hpp"
#include "tell/message_ids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

/// What units ask for with ManagedOOM*: it is in force on top of what the files say.

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// Several properties of a unit come one by one.
constexpr Microseconds gathering = 50ms;

/// Each user may say something else at any time, but not keep the front busy with it: it rests for
/// so long, and for so many times as long as the last change took.
constexpr Microseconds rest = 300ms;
constexpr std::uint64_t rest_per_work = 20;

} // namespace

Result<> Front::follow_managed() {
    units_ = std::make_unique<UnitProperties>(loop_.get(), [this] { managed_changed(); });
    reports_ = std::make_unique<ManagedSocket>(
        loop_.get(), [this] { managed_changed(); },
        [this](const std::string& text) {
            report(priority::warning, text, message_id::diagnostic);
        });
    tell_if_late();
    if (!settings_.listeners.empty())
        farewell_ = std::make_unique<Farewell>(loop_.get(), "reapd-oom.socket", [this] {
            (void)sd_event_exit(loop_.get(), EXIT_SUCCESS);
        });
    return reports_->listen(std::move(settings_.listeners));
}

void Front::leave() {
    if (farewell_)
        farewell_->begin(system_bus_);
    else
        (void)sd_event_exit(loop_.get(), EXIT_SUCCESS);
}

void Front::managed_changed() {
    const std::uint64_t gathered = monotonic_usec() + static_cast<std::uint64_t>(gathering.count());
    int enabled = SD_EVENT_OFF;
    (void)sd_event_source_get_enabled(managed_.get(), &enabled);
    if (enabled != SD_EVENT_OFF)
        return;
    (void)sd_event_source_set_time(managed_.get(), std::max(gathered, managed_again_usec_));
    (void)sd_event_source_set_enabled(managed_.get(), SD_EVENT_ONESHOT);
}

int Front::on_managed(sd_event_source*, std::uint64_t, void* self) noexcept {
    auto& front = *static_cast<Front*>(self);
    const std::uint64_t begin = monotonic_usec();
    front.tell_if_late();
    front.put_into_force();
    front.refresh_state();
    const std::uint64_t end = monotonic_usec();
    front.managed_again_usec_ =
        end + std::max(static_cast<std::uint64_t>(rest.count()), rest_per_work * (end - begin));
    return 0;
}

/// What counts of it now: of users, what is theirs.
std::vector<Claim> Front::claims() const {
    std::vector<Claim> all = reports_ ? reports_->claims() : std::vector<Claim>{};
    std::erase_if(all, [&](const Claim& claim) {
        const TreeNode* const node = tree_.by_path(claim.path);
        return claim.uid != 0 && (!node || node->ownership.owner != claim.uid);
    });
    if (units_)
        for (const auto& [path, says] : units_->units())
            if (says.unit.asks())
                all.push_back({.uid = 0, .path = path, .unit = says.unit});
    return all;
}

/// One of those came, or changed hands: then another claim may count.
bool Front::users_ask_for(const TreeNode& node) const { return users_paths_.contains(node.path); }

void Front::add_managed(Policy& policy) {
    users_paths_.clear();
    if (reports_)
        for (const Claim& claim : reports_->claims())
            users_paths_.insert(claim.path);
    ManagedRules managed = managed_rules(claims(), policy);
    for (Rule& rule : managed.rules) {
        if (!settings_.features.psi && !amounts_only(rule.when))
            continue;
        if (policy.rules.size() < max_rules)
            policy.rules.push_back(std::move(rule));
        else
            tell_trouble(
                fmt::format("{} is not in force: there are {} rules already, more do not fit.",
                            escape(rule.name), max_rules));
    }
    for (const std::string& name : managed.unknown)
        tell_trouble(fmt::format("A unit has OOMRules={}, but there is no such rule (or a broken "
                                 "one) in systemd/oomd/rules.d.",
                                 escape(name)));
    if (managed.crowded)
        tell_trouble(fmt::format("A user asks for more than {} cgroups to be watched, or all users "
                                 "for more than {}, or one comes with more than {} limits of its "
                                 "own: the rest is not watched.",
                                 most_of_one_user, most_of_all_users, most_rules_of_one_user));
}

void Front::tell_if_late() {
    const std::optional<Error>& problem = units_->problem();
    if (!problem || std::exchange(told_late_, true))
        return;
    report(priority::warning,
           fmt::format("Changes by \"systemctl set-property\" are seen late: {}: {}.",
                       problem->call, ::strerrordesc_np(problem->code)),
           message_id::feature_missing);
}

/// Each once, and not any number: users choose the words.
void Front::tell_trouble(const std::string& text) {
    constexpr std::size_t most_troubles = 32;
    if (managed_troubles_.size() < most_troubles && managed_troubles_.insert(text).second)
        report(priority::warning, text, message_id::diagnostic);
}

Marks Front::marks_for(const Policy& policy, const TreeNode& node) const {
    Ownership ownership = node.ownership;
    bool wish_of_root = false;
    if (!policy.config.managed_oom) {
        ownership.wish = Wish::None;
    } else if (units_) {
        // A unit's attribute keeps an old value after `systemctl set-property`, its property does
        // not.
        const auto unit = units_->units().find(node.path);
        wish_of_root = unit != units_->units().end();
        if (wish_of_root)
            ownership.wish = unit->second.wish;
    }
    return marks_of(policy, node.path, settings_.own_cgroup, ownership, wish_of_root);
}

} // namespace reapd
