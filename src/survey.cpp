// SPDX-License-Identifier: LGPL-2.1-or-later
#include "survey.hpp"

#include "exempt.hpp"

namespace reapd {
namespace {

/// After so long nobody has looked, growth since then is no growth of now.
constexpr std::chrono::seconds outdated{5};

} // namespace

Survey::Survey(const Machine& machine, std::size_t capacity)
    : machine_{machine}, table_{capacity, Directories::Lent}, pool_{machine, capacity},
      scratch_{capacity} {}

void Survey::follow(const CgroupTree& tree, const std::function<Marks(const TreeNode&)>& marks_of) {
    const auto same = [](const Row& row, const TreeNode* node) {
        return node != nullptr && node->id == row.id;
    };
    for (Slot slot = 0; slot < table_.rows().size(); ++slot)
        if (table_.at(slot).id != CgroupId{} && !same(table_.at(slot), tree.by_slot(slot)))
            table_.remove(slot);
    std::vector<Slot> pending{0}; // Parents first.
    while (!pending.empty()) {
        const TreeNode* const node = tree.by_slot(pending.back());
        pending.pop_back();
        if (node == nullptr)
            continue;
        if (!same(table_.at(node->slot), node))
            table_.add(node->slot, node->id, node->parent, node->dir.get(), marks_of(*node));
        table_.at(node->slot).unseen = node->unseen;
        pending.insert(pending.end(), node->children.begin(), node->children.end());
    }
    std::erase_if(watches_,
                  [&](const auto& watch) { return tree.by_id(watch.first.second) == nullptr; });
}

void Survey::mark(Slot slot, const Marks& marks) noexcept {
    if (slot < table_.rows().size() && table_.at(slot).id != CgroupId{})
        table_.at(slot).marks = marks;
}

void Survey::mark(std::span<const Marks> marks) noexcept {
    watches_.clear(); // Rules may have gone.
    for (Slot slot = 0; slot < marks.size(); ++slot)
        mark(slot, marks[slot]);
}

bool Survey::choose(const Rule& rule, RuleIndex index, Slot watched, TimePoint now,
                    Choice& choice) {
    const CgroupId id = table_.at(watched).id;
    Watch& watch = watches_[{rule.name, id}];
    const bool first = !watch.used || now - watch.sampled_at > outdated;
    if (first)
        watch = Watch{.used = true, .cgroup = id, .armed_at = now};
    watch.slot = watched;
    watch.rule = index;
    if (memory_read_ != now) {
        const Result<MemInfo> memory = read_meminfo(machine_);
        memory_ = memory ? std::optional{*memory} : std::nullopt;
        memory_read_ = now;
    }
    (void)pool_.sample(table_, watch, rule, memory_, now); // Its counts are those of `found`.
    watch.sampled_at = now;

    const Bytes total = memory_ ? memory_->total : Bytes{};
    const std::span<const Candidate> ranked = pool_.ranked(table_, watch, rule, total);
    choice.ranked.clear();
    choice.exempt.clear();
    for (const Candidate& candidate : ranked)
        if (!candidate.processes && is_exempt(machine_, table_, candidate.slot))
            choice.exempt.push_back(candidate.slot);
        else
            choice.ranked.push_back(candidate);
    choice.found.resize(table_.rows().size());
    choice.found.resize(
        find_candidates(table_, watched, rule, index, choice.found, scratch_.span()).count);
    return !first;
}

} // namespace reapd
