// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The small files of a cgroup: single numbers, and short lists of "key number".

#include "base/result.hpp"
#include "base/units.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace reapd {

/// cgroup.events: whether a process lives in the cgroup or below it.
/// Errors: EBADMSG if that is missing, repeated or not 0 or 1, or if the last line is cut.
Result<bool> parse_populated(std::string_view text) noexcept;

/// memory.stat: private memory of processes, huge pages included; what is swapped out is not in
/// it. Keys are skipped that are not known: every kernel adds some.
/// Errors: EBADMSG.
/// Source: Documentation/admin-guide/cgroup-v2.rst; memory_stat_format() in mm/memcontrol.c.
Result<Bytes> parse_anonymous(std::string_view text) noexcept;

/// What reapd uses of memory.stat. The counters rise from the cgroup's beginning.
struct MemoryStat {
    Bytes anonymous{};                       ///< as parse_anonymous()
    Bytes shared{};                          ///< tmpfs and shared anonymous memory
    std::optional<std::uint64_t> scanned{};  ///< pages that reclaim looked at; since 4.17
    std::optional<std::uint64_t> refaults{}; ///< pages that came back soon after they had gone

    bool operator==(const MemoryStat&) const = default;
};

/// Errors: EBADMSG if "anon" or "shmem" is missing, or a number is none or repeated.
/// Source: as parse_anonymous().
Result<MemoryStat> parse_memory_stat(std::string_view text) noexcept;

/// nr_descendants of cgroup.stat: living cgroups below this one.
/// Errors: EBADMSG.
Result<std::uint64_t> parse_descendants(std::string_view text) noexcept;

/// memory.events and memory.events.local: how often memory.high and memory.max were run into.
/// Errors: EBADMSG if one of the two is missing.
Result<std::uint64_t> parse_limit_hits(std::string_view text) noexcept;

/// usage_usec of cpu.stat: CPU time that the cgroup and all below it have used.
/// Errors: EBADMSG.
Result<Microseconds> parse_cpu_time(std::string_view text) noexcept;

/// A file with one number, such as memory.current or memory.oom.group.
/// Errors: EBADMSG.
Result<std::uint64_t> parse_single(std::string_view text) noexcept;

} // namespace reapd
