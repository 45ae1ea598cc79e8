// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/frozen.hpp"
#include "base/escape.hpp"
#include "front.hpp"
#include "tell/order_entries.hpp"
#include "tell/report.hpp"

#include <fmt/format.h>

#include <cstring>

/// Freezing and thawing by the front, which may wait for the kernel: what people order, and the end
/// of what rules froze.

namespace reapd {
namespace {

bool is_for_a_while(const TreeNode& node) {
    const Result<FrozenState> state = read_frozen(node.dir.get());
    return state && state->mark == Stay::WhileWatched;
}

} // namespace

/// By the directory that the tree holds: nobody can put another cgroup in its place. What has
/// become essential since it was frozen may still be thawed.
void Front::freeze(Call call, const std::string& cgroup, bool frozen, const Requester& requester) {
    follow_tree();
    const TreeNode* const node = frozen ? orderable(call, cgroup) : known(call, cgroup);
    if (node == nullptr)
        return;
    if (frozen && package_->policy.config.dry_run) {
        call.refuse(bus_error::freeze_failed,
                    fmt::format("{} would be frozen, but DryRun=yes is set in reapd.conf.",
                                name_of(node->id)));
        return;
    }
    const bool was_by_rule = is_frozen_by_rule(*node);
    const Result<> done =
        frozen ? reapd::freeze(node->dir, Stay::UntilThawed, to_text(requester)) : thaw(node->dir);
    // What somebody else has frozen stays frozen, and stays his.
    if (!done && done.error().code != EALREADY) {
        call.refuse(bus_error::freeze_failed, fmt::format("{} cannot be {}: {}.", name_of(node->id),
                                                          frozen ? "frozen" : "thawed",
                                                          ::strerrordesc_np(done.error().code)));
        return;
    }
    forget_frozen(node->id);
    write(frozen_entry(name_of(node->id), frozen, requester));
    call.answer();
    if (was_by_rule && !frozen)
        note_thawed_by_hand(node->id, requester);
}

bool Front::frozen_by_rule(const std::string& cgroup) const {
    const TreeNode* const node = node_at(cgroup);
    return node != nullptr && is_frozen_by_rule(*node);
}

/// The mark alone says nothing: its owner can write it, too.
bool Front::is_frozen_by_rule(const TreeNode& node) const {
    return frozen_by_rules_.contains(node.id) && is_for_a_while(node);
}

void Front::forget_frozen(CgroupId cgroup) {
    frozen_by_rules_.erase(cgroup);
    send({.kind = Request::Kind::Thawed, .id = cgroup});
}

/// Whoever was told that a rule froze it is told that this is over.
void Front::note_thawed_by_hand(CgroupId cgroup, const Requester& requester) {
    const Event event{.kind = EventKind::FreezeOver,
                      .at = std::chrono::steady_clock::now(),
                      .order = ++last_order_,
                      .rule = no_rule,
                      .victim = cgroup};
    const Told told{.event = event,
                    .name_of = [this](CgroupId id) { return name_of(id); },
                    .requester = to_text(requester)};
    remember(told);
    face_.announce(told);
}

/// The guard says that its time is over, and says so again until it is answered. Whether there is
/// anything to tell: not when it was thawed before or is kept by hand now, or cannot be thawed yet.
bool Front::thaw_in_time(const Event& event) {
    bool thawed = false;
    if (const TreeNode* const node = tree_.by_id(event.victim)) {
        const Result<FrozenState> state = read_frozen(node->dir.get());
        thawed = state && state->mark == Stay::WhileWatched;
        if (!state || (thawed && !thaw(node->dir)))
            return false;
    }
    forget_frozen(event.victim);
    return thawed;
}

/// What has died is not to keep what is started in its place frozen, and who is asked to end has to
/// run for that. What others froze is theirs.
void Front::thaw_victim(const Event& event) {
    const TreeNode* const victim = tree_.by_id(event.victim);
    if (victim == nullptr || event.victim_pid != 0)
        return;
    std::vector<Slot> pending{victim->slot};
    while (!pending.empty()) {
        const TreeNode* const node = tree_.by_slot(pending.back());
        pending.pop_back();
        if (node == nullptr)
            continue;
        frozen_by_rules_.erase(node->id);
        const Result<FrozenState> state = read_frozen(node->dir.get());
        if (state && state->mark)
            (void)thaw(node->dir); // It is gone, then.
        pending.insert(pending.end(), node->children.begin(), node->children.end());
    }
}

} // namespace reapd
