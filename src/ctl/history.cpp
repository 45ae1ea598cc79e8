// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/history.hpp"

#include "ctl/output.hpp"
#include "ctl/record.hpp"
#include "ctl/show_record.hpp"
#include "settings/values.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>

namespace reapd {
namespace {

using nlohmann::json;
using Records = std::vector<json>;

std::expected<Records, Failure> read_records(JournalReader& journal) {
    Records records;
    for (;;) {
        const auto entry = journal.next();
        if (!entry)
            return std::unexpected(entry.error());
        const std::optional<JournalEntry>& next = *entry;
        if (!next)
            return records;
        records.push_back(record_of(*next));
    }
}

/// What there is since a time, or all of it.
std::expected<Records, Failure> read_since(JournalReader& journal, const Options& options) {
    if (const auto sought = journal.seek(options.since_usec.value_or(0)); !sought)
        return std::unexpected(sought.error());
    return read_records(journal);
}

/// The last of that: as many as make so many lines when they are joined. From the end, for the
/// journal may be long and completion in a shell asks for a few.
std::expected<Records, Failure> read_last(JournalReader& journal, const Options& options,
                                          std::size_t lines) {
    if (const auto sought = journal.seek_end(); !sought)
        return std::unexpected(sought.error());
    Records records;
    Tail tail{lines, options.until_usec};
    while (!tail.is_whole()) {
        const auto entry = journal.previous();
        if (!entry)
            return std::unexpected(entry.error());
        const std::optional<JournalEntry>& before = *entry;
        if (!before || before->realtime_usec < options.since_usec.value_or(0))
            break;
        records.push_back(record_of(*before));
        tail.add(records.back());
    }
    std::ranges::reverse(records);
    return records;
}

void keep_newest(Records& records, std::optional<std::size_t> count) {
    if (count && records.size() > *count)
        records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(*count));
}

/// Without the rights the journal reads as empty.
bool may_be_kept_from_us(const Options& options) {
    return options.directory.empty() && ::geteuid() != 0;
}

constexpr const char* who_may_read =
    "Without the rights of root or of a group such as systemd-journal the journal of the system "
    "cannot be read.";

Outcome show_one(const Records& records, const std::string& text, const Options& options) {
    const auto id =
        parse_integer(text, {.least = 1, .most = std::numeric_limits<std::int64_t>::max()});
    if (!id)
        return std::unexpected(
            Failure{.status = usage_error,
                    .text = "history takes the number of an event, not \"" + text + "\"."});
    const json record = find_record(records, static_cast<std::uint64_t>(*id));
    if (record.is_null())
        return failure(fmt::format("The journal has no event {}.", *id) +
                       (records.empty() && may_be_kept_from_us(options)
                            ? fmt::format(" {}", who_may_read)
                            : ""));
    return print_long(options.json == Json::Off ? show_record(record, look_of(options))
                                                : json_text(record, options.json),
                      options);
}

void say_if_kept_from_us(const Records& records, const Options& options) {
    if (records.empty() && may_be_kept_from_us(options))
        std::fprintf(stderr, "Nothing here. %s\n", who_may_read);
}

Outcome show_all(const Records& records, const Options& options) {
    if (options.json != Json::Off)
        return print_long(json_text(records, options.json), options);
    say_if_kept_from_us(records, options);
    return print_long(show_records(records, look_of(options)), options);
}

/// What was, then what comes, one line each; never ends but by an error.
Outcome follow(JournalReader& journal, Records records, const Options& options) {
    const Look look = look_of(options);
    say_if_kept_from_us(records, options);
    for (;;) {
        for (const json& record : records)
            if (print(options.json == Json::Off ? record_line(record, look)
                                                : json_text(record, options.json)) != 0)
                return 1;
        if (const auto waited = journal.wait(); !waited)
            return std::unexpected(waited.error());
        auto more = read_records(journal);
        if (!more)
            return std::unexpected(more.error());
        records = std::move(*more);
    }
}

} // namespace

Outcome run_history(const Command& command) {
    const Options& options = command.options;
    if (options.follow && !command.arguments.empty())
        return std::unexpected(
            Failure{.status = usage_error,
                    .text = "--follow is about all events that come, not about a single one."});
    if (options.follow && options.until_usec)
        return std::unexpected(
            Failure{.status = usage_error,
                    .text = "--follow has no end, so it does not go with --until=."});
    auto journal = JournalReader::open(options.directory);
    if (!journal)
        return std::unexpected(journal.error());
    const bool is_list = !options.follow && command.arguments.empty();
    auto records = is_list && options.lines ? read_last(*journal, options, *options.lines)
                                            : read_since(*journal, options);
    if (!records)
        return std::unexpected(records.error());
    if (options.follow) {
        keep_newest(*records, options.lines.value_or(10));
        return follow(*journal, std::move(*records), options);
    }
    Records joined = join_records(std::move(*records));
    if (options.until_usec)
        keep_until(joined, *options.until_usec);
    if (!command.arguments.empty())
        return show_one(joined, command.arguments.front(), options);
    keep_newest(joined, options.lines);
    return show_all(joined, options);
}

} // namespace reapd
