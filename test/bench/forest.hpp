// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The shape of the trees that decisions are measured on: so many candidates at a depth. At depth
/// 1 they are children of the root; deeper, each sixteen of them share a chain of cgroups.

#include <cstddef>

namespace reapd::test {

struct Forest {
    std::size_t candidates = 0;
    std::size_t depth = 1;
};

constexpr std::size_t leaves_of_chain = 16;

constexpr std::size_t inner_cgroups(const Forest& forest) {
    return (forest.depth - 1) * ((forest.candidates + leaves_of_chain - 1) / leaves_of_chain);
}

/// Calls `inner(parent)` and `leaf(parent)`, parents first, which return what stands for the new
/// cgroup; `root` stands for the root.
template <class Node, class Inner, class Leaf>
void plant(const Forest& forest, Node root, const Inner& inner, const Leaf& leaf) {
    Node parent = root;
    for (std::size_t i = 0; i < forest.candidates; ++i) {
        if (i % leaves_of_chain == 0) {
            parent = root;
            for (std::size_t level = 1; level < forest.depth; ++level)
                parent = inner(parent);
        }
        leaf(parent);
    }
}

} // namespace reapd::test
