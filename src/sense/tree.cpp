// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/tree.hpp"

#include "base/files.hpp"
#include "sense/cgroup_file.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace reapd {
namespace {

// Depth and names are up to anybody with a delegated cgroup: 6000 levels of 200 bytes would cost
// 3.6 GB in paths. What no path could open (PATH_MAX) is left to its parent.
constexpr std::size_t longest_path = 4096;

// More than one getdents64 record or inotify event with a name of 4095 bytes.
constexpr std::size_t buffer_size = 64 << 10;

bool is_gone(int code) noexcept { return code == ENOENT || code == ENODEV || code == ENOTDIR; }

bool is_shortage(int code) noexcept {
    return code == EMFILE || code == ENFILE || code == ENOMEM || code == ENOSPC;
}

std::string join(const std::string& parent, const std::string& name) {
    if (parent.empty())
        return name;
    std::string path;
    path.reserve(parent.size() + 1 + name.size()); // It is kept; operator+ takes twice as much.
    path.append(parent).append(1, '/').append(name);
    return path;
}

} // namespace

CgroupTree::CgroupTree(Fd root, std::size_t capacity, Listener listener)
    : capacity_{capacity}, listener_{std::move(listener)}, listing_(buffer_size),
      events_(buffer_size) {
    struct stat status{};
    (void)::fstat(root.get(), &status); // Fails for no open directory; then nothing is listed.
    TreeNode& top = nodes_.emplace_back();
    top.id = {status.st_ino};
    top.slot = 0;
    top.dir = std::move(root);
    by_id_.insert(0);
    by_path_.insert(0);
}

Result<> CgroupTree::rescan() {
    start();
    if (!std::exchange(told_root_, true) && listener_.added)
        listener_.added(nodes_.front());
    scan({0});
    if (left_out_ > 0)
        if (const auto count = descendants(); count && *count >= by_id_.size())
            unseen_ = *count - (by_id_.size() - 1);
    return end_of_look();
}

void CgroupTree::start() noexcept {
    problem_.reset();
    left_out_ = 0;
    unseen_ = 0;
    crowded_ = false;
    overflowed_ = false;
    complete_ = true;
    if (inotify_)
        return;
    inotify_ = Fd{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    if (!inotify_)
        note({.call = "inotify_init1", .code = errno});
}

void CgroupTree::note(const Error& error) noexcept {
    complete_ = false;
    if (!problem_)
        problem_ = error;
}

Result<> CgroupTree::end_of_look() noexcept {
    if (const auto problem = std::exchange(problem_, {}))
        return std::unexpected(*problem);
    return {};
}

void CgroupTree::watch(TreeNode& node) noexcept {
    if (!inotify_)
        return;
    const auto watch = watch_directory(inotify_.get(), node.dir.get());
    if (watch) {
        node.watch = *watch;
        by_watch_.insert(node.slot);
    } else if (!is_gone(watch.error().code)) {
        note(watch.error());
    }
}

/// Reads the directories in `pending` and all below them. Depth costs no stack.
void CgroupTree::scan(std::vector<Slot> pending) {
    while (!pending.empty()) {
        const Slot slot = pending.back();
        pending.pop_back();
        if (by_slot(slot))
            scan_one(slot, pending);
    }
}

void CgroupTree::scan_one(Slot slot, std::vector<Slot>& pending) {
    // The watch comes first: what is made after it is told, what was made before it is listed.
    TreeNode& node = nodes_[slot];
    if (node.watch < 0)
        watch(node);
    look_at_ownership(slot);
    const auto entries = list_directories(node.dir.get(), listing_);
    if (!entries) {
        if (!is_gone(entries.error().code))
            note(entries.error());
        return;
    }
    drop_missing(slot, *entries);
    const bool unseen_before = std::exchange(node.unseen, false);
    for (const DirectoryEntry& entry : *entries) {
        const TreeNode* const known = by_id({entry.inode});
        if (known && known->parent == slot)
            pending.push_back(known->slot);
        else
            look_at(slot, entry.name, pending);
    }
    tell_unseen(slot, unseen_before);
}

void CgroupTree::tell_unseen(Slot slot, bool before) {
    const TreeNode& node = nodes_[slot];
    if (node.unseen != before && listener_.unseen_changed)
        listener_.unseen_changed(node);
}

/// Chosen or given away at any time after the cgroup was made; inotify tells (IN_ATTRIB).
void CgroupTree::look_at_ownership(Slot slot) {
    TreeNode& node = nodes_[slot];
    const Ownership now = read_ownership(node.dir.get());
    if (std::exchange(node.ownership, now) != now && listener_.ownership_changed)
        listener_.ownership_changed(node);
}

void CgroupTree::drop_missing(Slot parent, const std::vector<DirectoryEntry>& entries) {
    const std::vector<Slot> children = nodes_[parent].children;
    if (children.empty())
        return;
    std::unordered_set<std::uint64_t> listed;
    for (const DirectoryEntry& entry : entries)
        listed.insert(entry.inode);
    for (const Slot child : children)
        if (!listed.contains(nodes_[child].id.value))
            remove(child);
}

/// Makes the tree agree with what `name` is now, whatever was told of it before: nothing, the
/// directory that is known, or another one of the same name.
void CgroupTree::look_at(Slot parent, const std::string& name, std::vector<Slot>& pending) {
    std::string path = join(nodes_[parent].path, name);
    const TreeNode* const known = by_path(path);
    const auto leave_out = [&] {
        ++left_out_;
        ++unseen_;
        nodes_[parent].unseen = true;
    };
    if (!known && full()) {
        crowded_ = true;
        return leave_out();
    }

    auto opened = open_below(nodes_[parent].dir.get(), name.c_str());
    if (!opened) {
        const Error error = opened.error();
        if (is_shortage(error.code))
            note(error);
        if (is_gone(error.code) && known)
            remove(known->slot);
        if (!is_gone(error.code) && !known)
            leave_out();
        return;
    }
    if (known && known->id.value == opened->inode)
        return;
    if (known)
        remove(known->slot);
    // An id is never given twice: if it is held, a bind mount shows that cgroup here once more.
    if (path.size() > longest_path || by_id({opened->inode}))
        return leave_out();
    pending.push_back(add(parent, std::move(path), std::move(*opened)));
}

Slot CgroupTree::add(Slot parent, std::string path, OpenDirectory opened) {
    if (free_.empty()) {
        free_.push_back(static_cast<Slot>(nodes_.size()));
        nodes_.emplace_back();
    }
    const Slot slot = free_.back();
    free_.pop_back();

    TreeNode& node = nodes_[slot];
    node.id = {opened.inode};
    node.slot = slot;
    node.parent = parent;
    node.path = std::move(path);
    node.dir = std::move(opened.dir);
    node.ownership = read_ownership(node.dir.get());
    node.born = sees_birth_;
    nodes_[parent].children.push_back(slot);
    by_id_.insert(slot);
    by_path_.insert(slot);
    if (listener_.added)
        listener_.added(node);
    return slot;
}

void CgroupTree::remove(Slot slot) {
    std::deque<Slot> subtree{slot};
    for (std::size_t i = 0; i < subtree.size(); ++i) {
        const std::vector<Slot>& children = nodes_[subtree[i]].children;
        subtree.insert(subtree.end(), children.begin(), children.end());
    }
    for (auto next = subtree.rbegin(); next != subtree.rend(); ++next)
        remove_one(*next);
}

void CgroupTree::remove_one(Slot slot) {
    TreeNode& node = nodes_[slot];
    if (listener_.removed)
        listener_.removed(node);
    removed_names_.add(node.id, node.path);

    if (node.watch >= 0) {
        // Fails when the kernel has ended the watch already, which is as good.
        (void)::inotify_rm_watch(inotify_.get(), node.watch);
        by_watch_.erase(slot);
    }
    by_id_.erase(slot);
    by_path_.erase(slot);
    // From the end: remove() goes through the children that way.
    std::vector<Slot>& siblings = nodes_[node.parent].children;
    const auto self = std::find(siblings.rbegin(), siblings.rend(), slot);
    if (self != siblings.rend()) {
        *self = siblings.back();
        siblings.pop_back();
    }
    node = TreeNode{};
    free_.push_back(slot);
}

Result<std::uint64_t> CgroupTree::descendants() const noexcept {
    char buffer[4096];
    const auto text = read_at(nodes_.front().dir, "cgroup.stat", buffer);
    if (!text)
        return std::unexpected(text.error());
    return parse_descendants(*text);
}

Result<bool> CgroupTree::consistent() const {
    const auto count = descendants();
    if (!count)
        return std::unexpected(count.error());
    const bool room_again = crowded_ && !full();
    return !room_again && *count == by_id_.size() - 1 + unseen_;
}

const TreeNode* CgroupTree::by_slot(Slot slot) const noexcept {
    return slot < nodes_.size() && nodes_[slot].slot == slot ? &nodes_[slot] : nullptr;
}

const TreeNode* CgroupTree::by_id(CgroupId id) const noexcept {
    return by_slot(by_id_.find(id.value));
}

const TreeNode* CgroupTree::by_path(std::string_view path) const noexcept {
    return by_slot(by_path_.find(path));
}

std::string CgroupTree::name_of(CgroupId id) const {
    if (const TreeNode* const node = by_id(id))
        return '/' + node->path;
    const std::string* const path = removed_names_.find(id);
    return path ? '/' + *path : std::string{};
}

} // namespace reapd
