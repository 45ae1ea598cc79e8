// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/tree.hpp"

#include <sys/inotify.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace reapd {

// What inotify tells is a hint to look at one name, never the truth about it: by the time it is
// read the name may belong to another cgroup, or the tree may have found out by itself.

Result<> CgroupTree::dispatch() {
    // A storm of mkdir must not keep the front from everything else.
    constexpr int most_reads = 16;
    problem_.reset();
    for (int i = 0; i < most_reads; ++i) {
        const ssize_t n = ::read(inotify_.get(), events_.data(), events_.size());
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n < 0)
            return failed("read");
        follow_all({events_.data(), static_cast<std::size_t>(n)});
    }
    return overflowed_ ? rescan() : end_of_look();
}

void CgroupTree::follow_all(std::string_view events) {
    while (events.size() >= sizeof(inotify_event)) {
        inotify_event event{};
        std::memcpy(&event, events.data(), sizeof(event));
        events.remove_prefix(sizeof(event));
        // The name is padded with NULs.
        const std::string_view padded{events.begin(), events.begin() + event.len};
        const std::string name{padded.begin(), std::ranges::find(padded, '\0')};
        events.remove_prefix(event.len);
        if (event.mask & IN_Q_OVERFLOW)
            overflowed_ = true;
        // After an overflow everything is read again anyway.
        if (!overflowed_)
            follow(event.wd, event.mask, name);
    }
    // Once each, however often its owner changed it.
    for (const Slot slot : std::exchange(touched_, {}))
        if (by_slot(slot))
            look_at_ownership(slot);
}

void CgroupTree::follow(int watch, std::uint32_t mask, const std::string& name) {
    const Slot parent = by_watch_.find(watch);
    if (parent == no_slot)
        return;
    if (mask & IN_IGNORED) {
        by_watch_.erase(parent);
        nodes_[parent].watch = -1;
        return;
    }
    if (mask & IN_ATTRIB) {
        if (name.empty()) // Not what lies in it: that has a watch of its own, or is a file.
            touched_.insert(parent);
        return;
    }
    if (!(mask & IN_ISDIR))
        return;
    const TreeNode& node = nodes_[parent];
    const std::string path = node.path.empty() ? name : node.path + '/' + name;
    if ((mask & IN_DELETE) && !by_path(path))
        return;
    std::vector<Slot> pending;
    const bool unseen_before = node.unseen;
    sees_birth_ = (mask & IN_CREATE) != 0; // And with it, that of all below it.
    look_at(parent, name, pending);
    tell_unseen(parent, unseen_before);
    scan(std::move(pending));
    sees_birth_ = false;
}

} // namespace reapd
