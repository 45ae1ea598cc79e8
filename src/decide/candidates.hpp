// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Which cgroups a rule may choose from. Looks at the shape of the tree and at marks, not at
/// memory: the guard measures what is found here and nothing else.

#include "sense/table.hpp"
#include "settings/rule.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace reapd {

/// Place of a rule in its policy; bit of a RuleMask.
using RuleIndex = std::uint32_t;

struct Found {
    std::size_t count = 0;  ///< slots written
    std::size_t spared = 0; ///< would be candidates, were they not protected
    bool operator==(const Found&) const = default;
};

/// Writes the candidates of one rule at or below `watched` to `out`, in no particular order; what
/// does not fit is left out. `scratch` holds a byte for every row of the table.
///
/// Among=leaves and processes: cgroups without children; a cgroup with memory.oom.group=1 or of
/// ProcessesIn= instead of everything below it. children: those of `watched`. self: `watched`.
///
/// No candidate is one whose death would hit a cgroup that must live: anything with a `never` or
/// a spared row in its subtree, and everything below a spared row. `never` is not inherited: the
/// ancestors of reapd carry it, and most of what runs lies below those. Neither is a wish to be
/// omitted, which systemd.resource-control(5) restricts to the cgroup itself.
///
/// Memory of a leaf without readable memory.current is counted at its nearest measurable
/// ancestor below `watched`, which stands for it: what cannot be measured is not thereby safe.
/// Only when nothing below that ancestor was ever measured, because the memory controller is there
/// for all children or for none: a single one that cannot be read is just vanishing, and its
/// siblings must not die for it.
///
/// A cgroup with unseen children (nested too deep, or the table is full) is a candidate instead of
/// everything below it: among them, somebody's hog would be out of reach. Not if that would cost
/// one that must live, and not the watched one itself: then what can be seen has to do.
///
/// What is dear to a user is a candidate like any other. It only keeps a cgroup above it from
/// standing for its unseen children: whoever fills the table must not end the sessions of others.
Found find_candidates(const Table& table, Slot watched, const Rule& rule, RuleIndex rule_index,
                      std::span<Slot> out, std::span<std::uint8_t> scratch) noexcept;

} // namespace reapd
