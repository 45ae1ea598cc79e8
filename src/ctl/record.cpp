// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/record.hpp"

#include "ctl/view.hpp"
#include "tell/journal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ranges>

namespace reapd {
namespace {

using nlohmann::json;

/// Fields that hold text or JSON; all others of ours are whole numbers.
constexpr std::array texts{field::event,  field::rule,          field::cgroup,
                           field::action, field::pressure_kind, field::watched,
                           field::reason, field::release_calls};

constexpr std::string_view prefix = "REAPD_";

std::string lower(std::string_view text) {
    std::string all{text};
    std::ranges::transform(all, all.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return all;
}

json number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return nullptr;
    return number;
}

/// "38.20", percent, as hundredths of one: 3820. Like the dump, without a fraction.
json share_in(std::string_view text) {
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos || text.size() != point + 3)
        return nullptr;
    return number_in(std::string{text.substr(0, point)} + std::string{text.substr(point + 1)});
}

/// In the journal the share of a candidate is percent; here shares are alike everywhere.
json candidates_in(const std::string& text) {
    json all = json::parse(text, nullptr, false);
    if (all.is_array())
        for (json& row : all) {
            const auto stall = row.is_object() ? row.find("stall") : row.end();
            if (stall != row.end())
                *stall =
                    stall->is_number() && *stall >= 0 && *stall <= 100
                        ? json(static_cast<std::uint64_t>(std::llround(stall->get<double>() * 100)))
                        : json{};
        }
    return all;
}

json value_of(std::string_view name, const std::string& text) {
    if (name == field::candidates)
        return candidates_in(text);
    if (name == field::pressure || name == field::pressure_after)
        return share_in(text);
    if (std::ranges::find(texts, name) != texts.end())
        return text;
    const json number = number_in(text);
    return number.is_null() ? json(text) : number; // a text of a later version
}

std::string field_of(const JournalEntry& entry, const char* name) {
    const auto found = entry.fields.find(name);
    return found == entry.fields.end() ? "" : found->second;
}

bool completes(const json& end, const json& record) {
    return (record["kind"] == "acted" || record["kind"] == "asked") &&
           number_of(record, "id") == number_of(end, "id") && record["run"] == end["run"];
}

} // namespace

json record_of(const JournalEntry& entry) {
    json record{{"time_usec", entry.realtime_usec},
                {"kind", field_of(entry, "REAPD_EVENT")},
                {"sentence", field_of(entry, "MESSAGE")},
                {"run", field_of(entry, "_BOOT_ID") + "/" + field_of(entry, "_PID")}};
    for (const auto& [name, text] : entry.fields)
        if (name.starts_with(prefix) && name != field::event) {
            json& value = record[lower(std::string_view{name}.substr(prefix.size()))];
            value = value_of(name, text);
            if (value.is_discarded())
                value = nullptr;
        }
    return record;
}

std::vector<json> join_records(std::vector<json> records) {
    std::vector<json> joined;
    for (json& record : records) {
        if (record["kind"] == "completed") {
            const auto backwards = joined | std::views::reverse;
            const auto begun = std::ranges::find_if(
                backwards, [&](const json& other) { return completes(record, other); });
            if (begun != backwards.end()) {
                (*begun)["completed"] = std::move(record);
                continue;
            }
        } else {
            record["completed"] = nullptr;
        }
        joined.push_back(std::move(record));
    }
    return joined;
}

void Tail::add(const json& record) {
    if (record["kind"] == "completed") {
        ends_.push_back(record);
        return;
    }
    std::erase_if(ends_, [&](const json& end) { return completes(end, record); });
    if (!until_ || number_of(record, "time_usec").value_or(0) <= *until_)
        ++begun_;
}

void keep_until(std::vector<json>& records, std::uint64_t realtime_usec) {
    std::erase_if(records, [realtime_usec](const json& record) {
        return number_of(record, "time_usec").value_or(0) > realtime_usec;
    });
}

json find_record(const std::vector<json>& records, std::uint64_t id) {
    const auto backwards = records | std::views::reverse;
    const auto found = std::ranges::find_if(
        backwards, [id](const json& record) { return number_of(record, "id") == id; });
    return found == backwards.end() ? json{} : *found;
}

} // namespace reapd
