// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The cgroup tree with its names, as the front follows it: every directory below the watched
/// roots, kept up to date by inotify, read again whole when inotify overflows.
///
/// Identity is the inode. A cgroup that vanishes while it is looked at is no error.

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "sense/table.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reapd {

struct TreeNode {
    CgroupId id{};
    Slot slot = no_slot;
    Slot parent = no_slot;
    std::string path{}; ///< from the hierarchy's root, no leading slash, raw bytes; "" is the root
    int watch = -1;     ///< inotify watch descriptor
    Fd dir{};
    std::vector<Slot> children{};
};

class CgroupTree {
public:
    /// What the tree tells. Parents are added before and removed after their children.
    struct Listener {
        std::function<void(const TreeNode&)> added{};
        std::function<void(const TreeNode&)> removed{};
    };

    /// `root` is the open root of the hierarchy.
    CgroupTree(Fd root, std::size_t capacity, Listener listener);

    /// Reads the whole tree below the root for the first time, or again: what is gone is told as
    /// removed, what is new as added, the rest stays.
    /// Errors: of inotify_init1(2); EMFILE and ENOSPC (fs.inotify.max_user_watches) leave the tree
    ///         as far as it came.
    Result<> rescan();

    int inotify() const noexcept { return inotify_.get(); }

    /// Reads what inotify has to tell. Rescans on overflow.
    Result<> dispatch();

    const TreeNode* by_slot(Slot slot) const noexcept;
    const TreeNode* by_id(CgroupId id) const noexcept;
    /// The node at a path without leading slash, or nullptr.
    const TreeNode* by_path(std::string_view path) const noexcept;

    /// The path of a cgroup, also for some time after it was removed; empty if unknown. The root
    /// is "/", others have a leading slash.
    std::string name_of(CgroupId id) const;

    std::size_t size() const noexcept;
    /// Cgroups that did not fit: their parent stands for them.
    std::size_t left_out() const noexcept;

private:
    // the builder's
    Fd root_;
    Fd inotify_{};
};

} // namespace reapd
