// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Whom the rules would choose if they had to act now, for whoever asks over the bus. Cgroups are
/// measured here a second time, by the front, with the very code that the guard chooses by.
///
/// Not by the guard itself: anybody may ask at any time, its thread has the highest priority, and
/// from what it measures when growth follows. So nothing that is asked can cost it time or bend
/// its choice. What it knows longer than we do (growth of the last minute) is unknown here until
/// somebody has kept asking for as long.

#include "candidate_pool.hpp"
#include "sense/tree.hpp"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace reapd {

struct Choice {
    std::vector<Candidate> ranked{}; ///< first victim first
    std::vector<Slot> exempt{};      ///< would be ranked, but nobody may OOM-kill them
    std::vector<Slot> found{};       ///< candidates, also those that are not ranked
};

class Survey {
public:
    Survey(const Machine& machine, std::size_t capacity);

    /// Makes the table agree with the tree, whose directories it borrows: choose() must not be
    /// called any more once the tree has told of a removal, until this was called again.
    void follow(const CgroupTree& tree, const std::function<Marks(const TreeNode&)>& marks_of);

    /// Settings say something else about a cgroup, or about all of them.
    void mark(Slot slot, const Marks& marks) noexcept;
    void mark(std::span<const Marks> marks) noexcept;

    /// Measures the candidates of `rule`, number `index` of its policy, below `watched`. False
    /// after the first look at them in a while: growth wants another one a little later.
    bool choose(const Rule& rule, RuleIndex index, Slot watched, TimePoint now, Choice& choice);

    const Table& table() const noexcept { return table_; }

private:
    const Machine& machine_;
    Table table_;
    CandidatePool pool_;
    LazyArray<std::uint8_t> scratch_;
    std::map<std::pair<std::string, CgroupId>, Watch> watches_{};
    std::optional<MemInfo> memory_{};
    TimePoint memory_read_{};
};

} // namespace reapd
