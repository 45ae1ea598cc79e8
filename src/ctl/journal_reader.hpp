// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The daemon's entries in the journal about what it did. They survive its restarts, and those of
/// the machine where the journal is kept.

#include "base/sd.hpp"
#include "ctl/service.hpp"

#include <systemd/sd-journal.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace reapd {

struct JournalEntry {
    std::uint64_t realtime_usec = 0;
    std::map<std::string, std::string> fields{};
};

class JournalReader {
public:
    /// The system's journal, or the files in `directory`.
    static std::expected<JournalReader, Failure> open(const std::string& directory);

    /// Goes before the first entry that is not older than this.
    std::expected<void, Failure> seek(std::uint64_t realtime_usec);

    /// Goes behind the last entry.
    std::expected<void, Failure> seek_end();

    /// The next entry, or nothing at the end.
    std::expected<std::optional<JournalEntry>, Failure> next();

    /// The one before, or nothing at the beginning.
    std::expected<std::optional<JournalEntry>, Failure> previous();

    /// Sleeps until there may be more.
    std::expected<void, Failure> wait();

private:
    using Handle = std::unique_ptr<sd_journal, sd::Unref<sd_journal_close>>;
    explicit JournalReader(Handle handle) noexcept : handle_{std::move(handle)} {}
    std::expected<std::optional<JournalEntry>, Failure> read_entry(int r);

    Handle handle_;
};

} // namespace reapd
