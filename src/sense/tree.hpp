// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The cgroup tree with its names, as the front follows it: every directory below the root, kept
/// up to date by inotify, read again whole when inotify overflows.
///
/// Identity is the inode. A cgroup that vanishes while it is looked at is no error. What is not
/// held (no slot left, a path nobody could open, no descriptor left) is counted, and its parent
/// stands for it. Throws nothing but std::bad_alloc.

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "sense/directory.hpp"
#include "sense/ownership.hpp"
#include "sense/removed_names.hpp"
#include "sense/slot_index.hpp"
#include "sense/table.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace reapd {

struct TreeNode {
    CgroupId id{};
    Slot slot = no_slot;
    Slot parent = no_slot;
    std::string path{};  ///< from the hierarchy's root, no leading slash, raw bytes; "" is the root
    int watch = -1;      ///< inotify watch descriptor
    bool unseen = false; ///< cgroups directly in it are not held; cleared by a rescan()
    bool born = false;   ///< inotify told of its making; else it may have been there for long
    Ownership ownership{}; ///< as last told
    Fd dir{};
    std::vector<Slot> children{};
};

class CgroupTree {
public:
    /// What the tree tells. Parents are added before and removed after their children; the node
    /// is in the tree during the call. Only const functions may be called from there.
    struct Listener {
        std::function<void(const TreeNode&)> added{};
        std::function<void(const TreeNode&)> removed{};
        // Of a node that was added:
        std::function<void(const TreeNode&)> unseen_changed{};
        std::function<void(const TreeNode&)> ownership_changed{};
    };

    /// `root` is the open root of the hierarchy; it gets slot 0. Others get any below `capacity`,
    /// also again after they were freed. Tells nothing before the first rescan().
    CgroupTree(Fd root, std::size_t capacity, Listener listener);
    CgroupTree(const CgroupTree&) = delete;
    CgroupTree& operator=(const CgroupTree&) = delete;

    /// Reads the whole tree below the root for the first time, or again: what is gone is told as
    /// removed, what is new as added, the rest stays.
    /// Errors: EMFILE (descriptors, or fs.inotify.max_user_instances) and ENOSPC
    ///         (fs.inotify.max_user_watches): the tree went as far as it could; see complete().
    Result<> rescan();

    int inotify() const noexcept { return inotify_.get(); }

    /// Reads what inotify has to tell; a bounded part of it at a time, the rest makes inotify()
    /// readable again. Rescans on overflow.
    /// Errors: as of rescan(), with the same meaning.
    Result<> dispatch();

    /// Whether every cgroup that the tree could hold was opened and is watched. When false, only
    /// a rescan() brings news of some.
    bool complete() const noexcept { return complete_; }

    /// Whether the kernel counts as many cgroups as the tree knows of and none was left out that
    /// would fit now. False calls for a rescan(); also while inotify has more to tell.
    /// Errors: of reading cgroup.stat of the root.
    Result<bool> consistent() const;

    /// nullptr when there is none.
    const TreeNode* by_slot(Slot slot) const noexcept;
    const TreeNode* by_id(CgroupId id) const noexcept;
    /// The node at a path without leading slash, or nullptr.
    const TreeNode* by_path(std::string_view path) const noexcept;

    /// The path of a cgroup, also for some time after it was removed; empty if unknown. The root
    /// is "/", others have a leading slash. Raw bytes.
    std::string name_of(CgroupId id) const;

    /// Cgroups held, the root included.
    std::size_t size() const noexcept { return by_id_.size(); }
    /// Cgroups that are not held, though their parent is: their parent stands for them. Those
    /// that went since the last rescan() are still counted.
    std::size_t left_out() const noexcept { return left_out_; }

private:
    Result<> end_of_look() noexcept;
    void note(const Error& error) noexcept;
    void start() noexcept;
    void watch(TreeNode& node) noexcept;
    void scan(std::vector<Slot> pending);
    void scan_one(Slot slot, std::vector<Slot>& pending);
    void tell_unseen(Slot slot, bool before);
    void look_at_ownership(Slot slot);
    void drop_missing(Slot parent, const std::vector<DirectoryEntry>& entries);
    void look_at(Slot parent, const std::string& name, std::vector<Slot>& pending);
    Slot add(Slot parent, std::string path, OpenDirectory opened);
    void remove(Slot slot);
    void remove_one(Slot slot);
    bool full() const noexcept { return by_id_.size() >= capacity_; }
    void follow_all(std::string_view events);
    void follow(int watch, std::uint32_t mask, const std::string& name);
    Result<std::uint64_t> descendants() const noexcept;

    std::size_t capacity_;
    Listener listener_;
    Fd inotify_{};
    std::deque<TreeNode> nodes_{}; ///< by slot; a deque, so that nodes stay where they are
    std::vector<Slot> free_{};
    SlotIndex<std::uint64_t> by_id_{[this](Slot slot) { return nodes_[slot].id.value; }};
    SlotIndex<std::string_view> by_path_{
        [this](Slot slot) -> std::string_view { return nodes_[slot].path; }};
    SlotIndex<int> by_watch_{[this](Slot slot) { return nodes_[slot].watch; }};
    std::unordered_set<Slot> touched_{}; ///< whose attributes have changed
    RemovedNames removed_names_{};
    std::vector<char> listing_{};
    std::vector<char> events_{};
    std::optional<Error> problem_{}; ///< the first of this rescan() or dispatch()
    std::size_t left_out_ = 0;
    std::uint64_t unseen_ = 0; ///< counted by the kernel and not held, at the last rescan()
    bool crowded_ = false;     ///< some were left out for want of a slot
    bool sees_birth_ = false;
    bool overflowed_ = false;
    bool complete_ = false;
    bool told_root_ = false;
};

} // namespace reapd
