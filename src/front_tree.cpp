// SPDX-License-Identifier: LGPL-2.1-or-later
#include "front.hpp"
#include "marks.hpp"
#include "tell/message_ids.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <thread>

/// The front's cgroup tree, and what the guard is sent of it.

namespace reapd {
namespace {

/// How often the whole tree is read while inotify cannot follow all of it.
constexpr std::chrono::seconds rescan_after{10};

} // namespace

void Front::send(const Request& request) {
    backlog_.push_back(request);
    flush();
    // Before READY=1 there is time to wait for the guard, and no need to remember so much.
    while (!tree_read_ && !backlog_.empty()) {
        std::this_thread::sleep_for(retry_after);
        flush();
    }
}

void Front::flush() {
    bool sent = false;
    while (!backlog_.empty() && channel_.requests.push(backlog_.front())) {
        backlog_.pop_front();
        sent = true;
    }
    if (sent)
        ring(channel_.to_guard);
    if (retry_ == nullptr)
        return;
    if (!backlog_.empty())
        (void)sd_event_source_set_time(retry_.get(),
                                       monotonic_usec() + Microseconds{retry_after}.count());
    (void)sd_event_source_set_enabled(retry_.get(),
                                      backlog_.empty() ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

void Front::note_rival(std::string_view unit, RivalNews news) {
    if (unit.empty())
        return;
    std::erase(status_.rivals, unit);
    if (news == RivalNews::Came)
        status_.rivals.emplace_back(unit);
    write(rival_entry(unit, news));
    if (bus_)
        bus_->rivals_changed();
}

void Front::cgroup_added(const TreeNode& node) {
    if (users_ask_for(node))
        managed_changed();
    note_rival(rival_at(node.path), RivalNews::Came);
    const Marks marks = marks_for(package_->policy, node);
    // The guard closes its copy when it has seen the removal, so no number is used twice meanwhile.
    const int dir = ::fcntl(node.dir.get(), F_DUPFD_CLOEXEC, 0);
    send({.kind = Request::Kind::Add,
          .slot = node.slot,
          .parent = node.parent,
          .id = node.id,
          .dir = dir,
          .marks = marks,
          .born = node.born});
    if (marks.watched != 0) {
        triggers_.add(node, marks, package_->policy);
        refresh_watched();
    }
}

void Front::cgroup_removed(const TreeNode& node) {
    note_rival(rival_at(node.path), RivalNews::Went);
    triggers_.remove(node.slot);
    frozen_by_rules_.erase(node.id);
    send({.kind = Request::Kind::Remove, .slot = node.slot});
    refresh_watched();
}

void Front::ownership_changed(const TreeNode& node) {
    if (users_ask_for(node))
        managed_changed();
    const Marks marks = marks_for(package_->policy, node);
    if (survey_)
        survey_->mark(node.slot, marks);
    send({.kind = Request::Kind::Mark, .slot = node.slot, .marks = marks});
}

void Front::each_node(const std::function<void(const TreeNode&)>& visit) const {
    if (!tree_read_)
        return; // Its root is there before it was told of.
    for (Slot slot = 0; slot < settings_.max_cgroups; ++slot)
        if (const TreeNode* const node = tree_.by_slot(slot))
            visit(*node);
}

void Front::follow_tree() {
    (void)tree_.dispatch(); // A failed read is repeated: the descriptor stays readable.
    tell_left_out();
    if (!tree_.complete())
        rescan_later();
}

void Front::rescan() {
    (void)tree_.rescan(); // Told at start; what fails again is tried again.
    tell_left_out();
    if (!tree_.complete())
        rescan_later();
}

/// Said when it begins and not for each of them.
void Front::tell_left_out() {
    const bool some = tree_.left_out() > 0;
    if (some && !told_left_out_)
        report(
            priority::warning,
            fmt::format("{} cgroups cannot be followed; their parents stand for them. MaxCgroups= "
                        "may be too low, or their paths too long.",
                        tree_.left_out()),
            message_id::feature_missing);
    told_left_out_ = some;
}

/// Some cgroups could not be opened or are not watched; only looking brings news of them.
void Front::rescan_later() {
    if (later_ == nullptr)
        return;
    (void)sd_event_source_set_time(later_.get(),
                                   monotonic_usec() + Microseconds{rescan_after}.count());
    (void)sd_event_source_set_enabled(later_.get(), SD_EVENT_ONESHOT);
}

void Front::refresh_watched() {
    status_.watched = triggers_.list([this](CgroupId id) { return name_of(id); });
    status_.cgroups = tree_.size();
    status_.cgroups_left_out = tree_.left_out();
}

} // namespace reapd
