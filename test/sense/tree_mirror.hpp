// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A second tree, made of nothing but what the first one tells.

#include "catch.hpp"
#include "sense/tree.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace reapd {

/// Believes what the tree tells, and checks that it can be believed.
class Mirror {
public:
    CgroupTree::Listener listener() {
        return {.added = [this](const TreeNode& node) { add(node); },
                .removed = [this](const TreeNode& node) { remove(node); },
                .unseen_changed = [this](const TreeNode& node) { change(node); }};
    }

    std::set<std::string> paths() const {
        std::set<std::string> out;
        for (const auto& [slot, seen] : seen_)
            out.insert(seen.path);
        return out;
    }

    /// Of those that have unseen children.
    std::set<std::string> with_unseen() const {
        std::set<std::string> out;
        for (const auto& [slot, seen] : seen_)
            if (seen.unseen)
                out.insert(seen.path);
        return out;
    }

    std::size_t added = 0;
    std::size_t removed = 0;
    Slot highest = 0;

private:
    struct Seen {
        std::string path{};
        Slot parent = no_slot;
        std::size_t children = 0;
        bool unseen = false;
    };

    void add(const TreeNode& node) {
        ++added;
        highest = std::max(highest, node.slot);
        const bool fresh = seen_.emplace(node.slot, Seen{node.path, node.parent}).second;
        if (!fresh)
            FAIL_CHECK("slot is taken: " << node.slot);
        if (node.slot == 0)
            return;
        const auto parent = seen_.find(node.parent);
        if (parent == seen_.end())
            FAIL_CHECK("no parent yet: " << node.path);
        else
            ++parent->second.children;
    }

    void remove(const TreeNode& node) {
        ++removed;
        const auto gone = seen_.find(node.slot);
        if (gone == seen_.end() || gone->second.path != node.path) {
            FAIL_CHECK("never added: " << node.path);
            return;
        }
        if (gone->second.children != 0)
            FAIL_CHECK("children outlive it: " << node.path);
        --seen_[node.parent].children;
        seen_.erase(gone);
    }

    void change(const TreeNode& node) {
        const auto changed = seen_.find(node.slot);
        if (changed == seen_.end())
            FAIL_CHECK("never added: " << node.path);
        else if (changed->second.unseen == node.unseen)
            FAIL_CHECK("no change: " << node.path);
        else
            changed->second.unseen = node.unseen;
    }

    std::map<Slot, Seen> seen_{};
};

} // namespace reapd
