// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/files.hpp"
#include "front.hpp"
#include "sense/cgroup_file.hpp"

/// What oomctl(1) is told: what units ask for, and how their cgroups are at this moment.

namespace reapd {
namespace {

constexpr std::uint64_t outdated = 500'000;

/// A file of one number or "max"; what cannot be read is 0, as there is no other word for it.
Bytes read_bytes(int dir, const char* name) {
    char buffer[64];
    const Result<std::string_view> text = read_at(dir, name, buffer);
    if (!text)
        return {};
    if (text->starts_with("max"))
        return unlimited;
    return Bytes{parse_single(*text).value_or(0)};
}

std::uint64_t read_scanned(int dir) {
    char buffer[8192];
    const Result<std::string_view> text = read_at(dir, "memory.stat", buffer);
    const Result<MemoryStat> stat = text ? parse_memory_stat(*text) : std::unexpected(text.error());
    return stat ? stat->scanned.value_or(0) : 0;
}

Oom1Dump::PressureMonitored monitored(const Machine& machine, const TreeNode& node,
                                      const PressureLimit& limit, Microseconds duration,
                                      const MemInfo& memory) {
    const int dir = node.dir.get();
    const bool is_root = node.path.empty();
    const Result<Pressure> pressure =
        read_pressure(machine, Row{.dir = dir, .parent = node.parent});
    const std::uint64_t scanned = is_root ? 0 : read_scanned(dir);
    return {.path = '/' + node.path,
            .limit = limit.share,
            .duration = duration,
            .pressure = pressure ? pressure->full : Stall{},
            .current =
                is_root ? memory.total - memory.available : read_bytes(dir, "memory.current"),
            .min = read_bytes(dir, "memory.min"),
            .low = read_bytes(dir, "memory.low"),
            .pgscan = scanned,
            .last_pgscan = scanned};
}

} // namespace

Oom1Dump Front::oom1_dump() {
    const std::uint64_t now = monotonic_usec();
    if (now - oom1_usec_ >= outdated) {
        oom1_ = make_oom1_dump();
        oom1_usec_ = now;
    }
    return oom1_;
}

Oom1Dump Front::make_oom1_dump() const {
    const Policy& policy = package_->policy;
    const MemInfo memory = read_meminfo(machine_).value_or(MemInfo{});
    Oom1Dump dump{.dry_run = policy.config.dry_run,
                  .swap_used_limit = policy.config.swap_used_limit,
                  .default_limit = policy.config.managed_pressure_limit,
                  .default_duration = policy.config.managed_pressure_duration,
                  .memory_used = memory.total - memory.available,
                  .memory_total = memory.total,
                  .swap_used = memory.swap_total - memory.swap_free,
                  .swap_total = memory.swap_total};
    for (const Rule& rule : policy.rules) {
        if (rule.name.starts_with(oomd_rule_prefix))
            continue; // As systemd-oomd: it lists what is asked for in so many words.
        for (const Claimed& claimed : rule.claimed) {
            const TreeNode* const node = tree_.by_path(claimed.path);
            if (node == nullptr || (claimed.owner != 0 && claimed.owner != node->ownership.owner))
                continue;
            if (const auto& limit = rule.when.pressure_full)
                dump.pressure_monitored.push_back(
                    monitored(machine_, *node, *limit, rule.when.lasting, memory));
            else
                dump.swap_monitored.push_back(
                    {.path = '/' + node->path,
                     .swap_usage = read_bytes(node->dir.get(), "memory.swap.current")});
        }
    }
    return dump;
}

} // namespace reapd
