// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the memory of a cgroup consists of.

#include "base/result.hpp"
#include "base/units.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace reapd {

struct MemoryStat {
    Bytes anon{};  ///< private memory of processes, huge pages included; swapped out is not in it
    Bytes file{};  ///< page cache, shmem included
    Bytes shmem{}; ///< tmpfs and shared memory: outlives the processes
    std::optional<std::uint64_t> pgscan{};       ///< pages looked at by reclaim so far
    std::optional<std::uint64_t> refault_anon{}; ///< pages that came back soon after reclaim
    std::optional<std::uint64_t> refault_file{};

    bool operator==(const MemoryStat&) const = default;
};

/// Parses the text of a cgroup's memory.stat. Keys it does not know are skipped: every kernel
/// adds some.
///
/// Errors: EBADMSG if anon, file or shmem is missing, if a key we read is repeated or its value
///         is not a number, or if the last line is cut.
/// Source: Documentation/admin-guide/cgroup-v2.rst; memory_stat_format() in mm/memcontrol.c.
Result<MemoryStat> parse_memory_stat(std::string_view text) noexcept;

} // namespace reapd
