// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The small files of a cgroup: single numbers, and short lists of "key number".

#include "base/result.hpp"
#include "base/units.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace reapd {

/// cgroup.events
struct CgroupEvents {
    bool populated = false; ///< a process lives in the cgroup or below it
    bool frozen = false;
    bool operator==(const CgroupEvents&) const = default;
};

/// Unknown keys are skipped. `frozen` came with 5.2.
/// Errors: EBADMSG if populated is missing, a key repeated or a value not 0 or 1.
Result<CgroupEvents> parse_cgroup_events(std::string_view text) noexcept;

/// nr_descendants of cgroup.stat: living cgroups below this one.
/// Errors: EBADMSG.
Result<std::uint64_t> parse_descendants(std::string_view text) noexcept;

/// memory.events and memory.events.local: how often memory.high and memory.max were run into.
/// Errors: EBADMSG if one of the two is missing.
Result<std::uint64_t> parse_limit_hits(std::string_view text) noexcept;

/// A file with one number, such as memory.current or memory.oom.group.
/// Errors: EBADMSG.
Result<std::uint64_t> parse_single(std::string_view text) noexcept;

/// A file with one limit, such as memory.max; nothing stands for "max", which is no limit.
/// Errors: EBADMSG.
Result<std::optional<Bytes>> parse_limit(std::string_view text) noexcept;

} // namespace reapd
