// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/pick_process.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

namespace reapd {
namespace {

using Place = std::uint32_t;
constexpr Place nobody = ProcessNode::none;

/// Pids are used again, ages are not: comparing both makes every order total.
bool older(const ProcessSample& a, const ProcessSample& b) noexcept {
    return std::tie(a.started, a.pid) < std::tie(b.started, b.pid);
}

class Family {
public:
    Family(std::span<const ProcessSample> processes, std::span<ProcessNode> nodes) noexcept
        : processes_{processes}, nodes_{nodes.first(processes.size())} {}

    std::optional<std::size_t> pick() noexcept {
        link_parents();
        bar();
        find_hosts();
        add_up();
        const Place top = largest_top();
        // When those that may not die hold the memory, killing crumbs beside them helps nobody.
        if (top == nobody || nodes_[top].memory == Bytes{} ||
            nodes_[top].memory.value < barred_memory_.value / 10)
            return std::nullopt;
        return descend(top);
    }

private:
    Place size() const noexcept { return static_cast<Place>(processes_.size()); }

    Place find(pid_t pid) const noexcept {
        const auto pid_at = [&](const ProcessNode& node) { return processes_[node.by_pid].pid; };
        const auto found = std::ranges::lower_bound(nodes_, pid, std::less{}, pid_at);
        return found != nodes_.end() && pid_at(*found) == pid ? found->by_pid : nobody;
    }

    /// The processes are read one after the other, so a parent may have died meanwhile and its
    /// pid gone to a stranger. A stranger is younger; and with only older parents there is no
    /// cycle to get lost in.
    void link_parents() noexcept {
        for (Place i = 0; i < size(); ++i)
            nodes_[i] = {.by_pid = i};
        std::ranges::sort(nodes_, std::less{},
                          [&](const ProcessNode& node) { return processes_[node.by_pid].pid; });
        for (Place i = 0; i < size(); ++i) {
            const Place parent = find(processes_[i].parent);
            if (parent == nobody || !older(processes_[parent], processes_[i]))
                continue;
            nodes_[i].parent = parent;
            ++nodes_[parent].pending;
        }
    }

    void bar_with_ancestors(Place place) noexcept {
        for (; place != nobody && !nodes_[place].barred; place = nodes_[place].parent) {
            nodes_[place].barred = true;
            barred_memory_ = barred_memory_ + processes_[place].memory;
        }
    }

    void bar() noexcept {
        const auto leader = std::ranges::min_element(processes_, older);
        bar_with_ancestors(static_cast<Place>(leader - processes_.begin()));
        for (Place i = 0; i < size(); ++i) {
            if (processes_[i].unkillable)
                bar_with_ancestors(i);
        }
    }

    void find_hosts() noexcept {
        for (Place i = 0; i < size(); ++i) {
            const ProcessSample& process = processes_[i];
            const Place parent = nodes_[i].parent;
            const bool leads_session = process.session == process.pid;
            // As job control does it, also in a shell that leads no session (of "su -").
            const bool leads_job = process.group == process.pid && parent != nobody &&
                                   processes_[parent].group != process.group;
            if (leads_session)
                nodes_[i].hosts = nodes_[i].hosts || nodes_[i].pending > 0;
            if ((leads_session || leads_job) && parent != nobody)
                nodes_[parent].hosts = true;
        }
    }

    bool is_larger(Place a, Place b) const noexcept {
        if (b == nobody || nodes_[a].memory != nodes_[b].memory)
            return b == nobody || nodes_[a].memory > nodes_[b].memory;
        return processes_[a].pid < processes_[b].pid;
    }

    /// Hands a finished sum to the parent, and the parent's on in turn once it has all of its
    /// children. Each process is finished once, so this is linear for any shape of tree.
    void hand_up(Place place) noexcept {
        for (Place parent = nodes_[place].parent; parent != nobody; parent = nodes_[place].parent) {
            ProcessNode& node = nodes_[parent];
            node.memory = node.memory + nodes_[place].memory;
            if (is_larger(place, node.heir))
                node.heir = place;
            if (--node.pending > 0)
                return;
            place = parent;
        }
    }

    void add_up() noexcept {
        for (Place i = 0; i < size(); ++i) {
            if (!nodes_[i].barred)
                nodes_[i].memory = processes_[i].memory;
        }
        // Who has no children must be known before pending begins to fall.
        for (ProcessNode& node : nodes_)
            node.childless = node.pending == 0;
        for (Place i = 0; i < size(); ++i) {
            if (nodes_[i].childless)
                hand_up(i);
        }
    }

    bool passed_over(Place place) const noexcept {
        const ProcessNode& node = nodes_[place];
        return node.barred ||
               (node.hosts && processes_[place].memory.value < node.memory.value / 2);
    }

    Place largest_top() const noexcept {
        Place top = nobody;
        for (Place i = 0; i < size(); ++i) {
            const Place parent = nodes_[i].parent;
            const bool is_top = !passed_over(i) && (parent == nobody || passed_over(parent));
            if (is_top && is_larger(i, top))
                top = i;
        }
        return top;
    }

    /// From a job to the part of it that matters: 80 % is what a kill is expected to give back
    /// at least, so the rest of the job may live.
    Place descend(Place place) const noexcept {
        for (Place heir = nodes_[place].heir; heir != nobody; heir = nodes_[place].heir) {
            const bool nearly_all = nodes_[heir].memory.value >= nodes_[place].memory.value / 5 * 4;
            if (!nearly_all && !passed_over(place))
                break;
            place = heir;
        }
        return place;
    }

    std::span<const ProcessSample> processes_;
    std::span<ProcessNode> nodes_;
    Bytes barred_memory_{};
};

} // namespace

std::optional<std::size_t> pick_process(std::span<const ProcessSample> processes,
                                        std::span<ProcessNode> nodes) noexcept {
    if (processes.empty() || nodes.size() < processes.size())
        return std::nullopt;
    return Family{processes, nodes}.pick();
}

std::size_t descendants(std::span<const ProcessSample> processes, std::span<ProcessNode> nodes,
                        std::size_t chosen, std::span<pid_t> out) noexcept {
    constexpr std::uint32_t unknown = 0;
    constexpr std::uint32_t lives = 1;
    constexpr std::uint32_t dies = 2;
    if (chosen >= processes.size() || nodes.size() < processes.size() || out.empty())
        return 0;
    for (ProcessNode& node : nodes.first(processes.size()))
        node.pending = unknown;
    nodes[chosen].pending = dies;

    std::size_t written = 0;
    out[written++] = processes[chosen].pid;
    for (Place i = 0; i < processes.size(); ++i) {
        Place known = i;
        while (known != nobody && nodes[known].pending == unknown)
            known = nodes[known].parent;
        const std::uint32_t fate = known == nobody ? lives : nodes[known].pending;
        for (Place at = i; at != known; at = nodes[at].parent)
            nodes[at].pending = fate;
        if (fate == dies && i != chosen && written < out.size())
            out[written++] = processes[i].pid;
    }
    return written;
}

} // namespace reapd
