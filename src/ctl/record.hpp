// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the journal knows of one action: the entry when it was decided and, of a kill, the one when
/// it was over, put together. Pure.

#include "ctl/journal_reader.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace reapd {

/// An entry as JSON: "time_usec", "kind" (acted, asked, completed, stuck, relieved, repeated),
/// "sentence", and its REAPD_ fields in lower case without the prefix, numbers as numbers. "run"
/// tells the runs of the daemon apart: in each, ids begin anew.
nlohmann::json record_of(const JournalEntry& entry);

/// Puts each "completed" into the record that it completes, as its member "completed"; null until
/// then. What completes nothing that is here stays a record of its own.
std::vector<nlohmann::json> join_records(std::vector<nlohmann::json> records);

/// Says when enough was read of a journal that is read backwards: until its last records, so many
/// of those that are not newer than `until`, are there with all that belongs to them.
class Tail {
public:
    Tail(std::size_t wanted, std::optional<std::uint64_t> until) : wanted_{wanted}, until_{until} {}

    void add(const nlohmann::json& record);
    bool is_whole() const { return begun_ >= wanted_ && ends_.empty(); }

private:
    std::size_t wanted_;
    std::optional<std::uint64_t> until_;
    std::size_t begun_ = 0;
    std::vector<nlohmann::json> ends_{}; ///< of what has not been seen yet
};

/// Leaves out what is newer, after the joining: the end of a kill goes with the kill.
void keep_until(std::vector<nlohmann::json>& records, std::uint64_t realtime_usec);

/// The newest record with this id, or null.
nlohmann::json find_record(const std::vector<nlohmann::json>& records, std::uint64_t id);

} // namespace reapd
