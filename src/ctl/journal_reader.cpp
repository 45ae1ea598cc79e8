// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/journal_reader.hpp"

#include "tell/journal.hpp"
#include "tell/message_ids.hpp"

#include <fmt/format.h>

#include <string_view>

namespace reapd {
namespace {

std::unexpected<Failure> unreadable(int error) {
    return refused("The journal cannot be read", error);
}

/// Different fields must all match, of values of the same field one. The unit is put in by
/// journald, so nobody else can write an entry that passes for the daemon's.
int match_actions(sd_journal* journal) {
    int r = sd_journal_add_match(journal, "_SYSTEMD_UNIT=reapd.service", 0);
    for (const std::string_view id :
         {message_id::killed, message_id::ordered, message_id::asked, message_id::completed,
          message_id::not_killed, message_id::stuck, message_id::relieved, message_id::rule_froze,
          message_id::paged_out, message_id::rule_thawed, message_id::killed_frozen,
          message_id::stuck_freezing, message_id::cooling, message_id::cooled,
          message_id::repeated})
        if (r >= 0)
            r = sd_journal_add_match(journal, fmt::format("{}={}", field::message_id, id).c_str(),
                                     0);
    return r;
}

} // namespace

std::expected<JournalReader, Failure> JournalReader::open(const std::string& directory) {
    sd_journal* made = nullptr;
    int r = directory.empty() ? sd_journal_open(&made, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM)
                              : sd_journal_open_directory(&made, directory.c_str(), 0);
    Handle handle{r < 0 ? nullptr : made};
    if (r >= 0)
        r = sd_journal_set_data_threshold(made, 0); // the ranking is long
    if (r >= 0)
        r = match_actions(made);
    if (r < 0)
        return unreadable(r);
    return JournalReader{std::move(handle)};
}

std::expected<void, Failure> JournalReader::seek(std::uint64_t realtime_usec) {
    const int r = sd_journal_seek_realtime_usec(handle_.get(), realtime_usec);
    if (r < 0)
        return unreadable(r);
    return {};
}

std::expected<void, Failure> JournalReader::seek_end() {
    const int r = sd_journal_seek_tail(handle_.get());
    if (r < 0)
        return unreadable(r);
    return {};
}

std::expected<std::optional<JournalEntry>, Failure> JournalReader::next() {
    return read_entry(sd_journal_next(handle_.get()));
}

std::expected<std::optional<JournalEntry>, Failure> JournalReader::previous() {
    return read_entry(sd_journal_previous(handle_.get()));
}

/// `r` is what moving to the entry has returned.
std::expected<std::optional<JournalEntry>, Failure> JournalReader::read_entry(int r) {
    if (r == 0)
        return std::nullopt;
    JournalEntry entry;
    if (r > 0)
        r = sd_journal_get_realtime_usec(handle_.get(), &entry.realtime_usec);
    const void* data = nullptr;
    std::size_t size = 0;
    if (r >= 0) {
        sd_journal_restart_data(handle_.get());
        while ((r = sd_journal_enumerate_available_data(handle_.get(), &data, &size)) > 0) {
            const std::string_view text{static_cast<const char*>(data), size};
            const std::size_t equals = text.find('=');
            if (equals != std::string_view::npos)
                entry.fields.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    if (r < 0)
        return unreadable(r);
    return entry;
}

std::expected<void, Failure> JournalReader::wait() {
    const int r = sd_journal_wait(handle_.get(), UINT64_MAX);
    if (r < 0)
        return unreadable(r);
    return {};
}

} // namespace reapd
