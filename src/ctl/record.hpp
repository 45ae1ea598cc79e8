// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the journal knows of one action: the entry when it was decided and, of a kill, the one when
/// it was over, put together. Pure.

#include "ctl/journal_reader.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace reapd {

/// An entry as JSON: "time_usec", "kind" (acted, asked, completed, stuck, relieved), "sentence",
/// and its REAPD_ fields in lower case without the prefix, numbers as numbers. "run" tells the
/// runs of the daemon apart: in each, ids begin anew.
nlohmann::json record_of(const JournalEntry& entry);

/// Puts each "completed" into the record that it completes, as its member "completed"; null until
/// then. What completes nothing that is here stays a record of its own.
std::vector<nlohmann::json> join_records(std::vector<nlohmann::json> records);

/// Leaves out what is newer, after the joining: the end of a kill goes with the kill.
void keep_until(std::vector<nlohmann::json>& records, std::uint64_t realtime_usec);

/// The newest record with this id, or null.
nlohmann::json find_record(const std::vector<nlohmann::json>& records, std::uint64_t id);

} // namespace reapd
