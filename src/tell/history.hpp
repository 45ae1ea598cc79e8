// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What is kept of what happened, for the bus and the dump.

#include "base/units.hpp"
#include "sense/meminfo.hpp"
#include "tell/event.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace reapd {

/// What became of an action.
struct HistoryEnd {
    std::string sentence{};
    Bytes released{};
    Microseconds until_signal{};
    Microseconds until_released{}; ///< 0: 95 % did not come back in time
    std::uint32_t processes = 0;
    std::uint32_t survivors = 0;
    std::uint32_t pressure_after = 0; ///< permyriad
    bool useless = false;
    std::optional<CooledSum> cooled{}; ///< of hint and reclaim, which have nothing of a kill
};

/// Something worth remembering.
struct HistoryEntry {
    std::string kind = "acted"; ///< acted, stuck, relieved
    std::uint64_t id = 0;       ///< of an action
    std::uint64_t realtime_usec = 0;
    std::string rule{};
    std::string cgroup{};
    std::string watched{};
    std::string
        action{}; ///< "kill", "terminate", "hint", "reclaim", "freeze", "thaw", "log", "dry-run"
    std::string sentence{};
    Bytes promise{};
    std::int32_t pid = 0; ///< of the one process; 0: the whole cgroup
    bool pressure_full = true;
    std::uint32_t pressure = 0; ///< permyriad
    Microseconds window{};
    std::optional<MemInfo> memory{};
    std::string requester{}; ///< who asked for it by hand
    std::string reason{};    ///< and why; of stuck: why
    std::optional<HistoryEnd> end{};
};

using History = std::deque<HistoryEntry>; ///< newest last

/// Adds one entry and forgets the oldest, so that `size` remain. Of those that led to no action
/// at most a quarter remains: users watch what they like, and what becomes of that is not to push
/// the kills out.
void remember(History& history, HistoryEntry entry, std::size_t size);

} // namespace reapd
