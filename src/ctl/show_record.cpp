// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/show_record.hpp"

#include "ctl/columns.hpp"
#include "ctl/human.hpp"
#include "ctl/when.hpp"

#include <fmt/format.h>

namespace reapd {
namespace {

using nlohmann::json;

std::string date_of(const json& record) {
    return date_text(number_of(record, "time_usec").value_or(0));
}

/// What was done, or why nothing was.
std::string action_of(const json& record) {
    const std::string action = text_of(record, "action");
    return action.empty() ? text_cell(record, "kind") : action;
}

std::string victim_of(const json& record) {
    std::string cgroup = text_of(record, "cgroup");
    if (cgroup.empty())
        cgroup = text_cell(record, "watched"); // nobody died
    const auto pid = number_of(record, "pid");
    return pid ? fmt::format("{} (process {})", cgroup, *pid) : cgroup;
}

std::string stall_of(const json& record) {
    const json& end = member_of(record, "completed");
    const std::string before = permyriad_cell(record, "pressure");
    const auto after = number_of(end, "pressure_after");
    return after && number_of(record, "pressure")
               ? fmt::format("{} > {}", before, permyriad_cell(end, "pressure_after"))
               : before;
}

class Facts {
public:
    explicit Facts(const Paint& paint) : paint_{paint} {}
    void add(std::string_view label, std::string_view text) {
        if (!text.empty() && text != "-")
            all_ +=
                fmt::format("{} {}\n", paint_(Colour::Faint, fmt::format("{:>10}:", label)), text);
    }
    const std::string& text() const { return all_; }

private:
    const Paint& paint_;
    std::string all_{};
};

std::string measured(const json& record) {
    const auto window = number_of(record, "window_usec");
    if (!window || *window == 0)
        return {};
    std::string text = fmt::format("{} {} over {} on {}", permyriad_cell(record, "pressure"),
                                   text_of(record, "pressure_kind"),
                                   span_cell(record, "window_usec"), text_of(record, "watched"));
    const json& end = member_of(record, "completed");
    if (number_of(end, "pressure_after"))
        text += "; afterwards " + permyriad_cell(end, "pressure_after");
    return text;
}

std::string memory(const json& record) {
    if (!number_of(record, "memory_available"))
        return {};
    return fmt::format("{} available, {} of swap free", size_cell(record, "memory_available"),
                       size_cell(record, "swap_free"));
}

std::string timings(const json& end) {
    std::string text = "signalled after " + span_cell(end, "signal_usec");
    if (number_of(end, "half_release_usec"))
        text += ", half of it back after " + span_cell(end, "half_release_usec");
    text += number_of(end, "release_usec") ? ", 95% after " + span_cell(end, "release_usec")
                                           : ", not 95% within the deadline";
    return text;
}

std::string processes(const json& end) {
    return fmt::format("{} signalled, {} still alive at the end", count_cell(end, "processes"),
                       count_cell(end, "survivors"));
}

std::string mrelease(const json& end) {
    return fmt::format("{} done, {} too late, {} to be tried again, {} not dying, {} refused",
                       count_cell(end, "mrelease_ok"), count_cell(end, "mrelease_esrch"),
                       count_cell(end, "mrelease_eagain"), count_cell(end, "mrelease_einval"),
                       count_cell(end, "mrelease_refused"));
}

/// Of an action that took memory and killed nobody.
void add_cooled(Facts& facts, const json& end) {
    facts.add("Rounds", count_cell(end, "rounds"));
    facts.add("Moved", size_cell(end, "bytes_released"));
    facts.add("Cold", size_cell(end, "bytes_cold"));
    facts.add("Came back", size_cell(end, "bytes_back"));
    facts.add("Waited", span_cell(end, "stall_usec"));
    facts.add("Processes", fmt::format("{}, and {} that are not for reapd to touch",
                                       count_cell(end, "processes"), count_cell(end, "refused")));
}

void add_end(Facts& facts, const json& end) {
    if (!end.is_object())
        return;
    facts.add("Ended", date_of(end));
    facts.add("Result", text_of(end, "sentence"));
    if (number_of(end, "rounds")) {
        add_cooled(facts, end);
        return;
    }
    if (text_of(end, "action") == "freeze") {
        facts.add("Paged out", fmt::format("{} of {}", size_cell(end, "bytes_released"),
                                           size_cell(end, "bytes_before")));
        return;
    }
    facts.add("Released", fmt::format("{} of {}", size_cell(end, "bytes_released"),
                                      size_cell(end, "bytes_before")));
    facts.add("Timings", timings(end));
    facts.add("Processes", processes(end));
    facts.add("mrelease", mrelease(end));
    facts.add("Calls", text_of(end, "release_calls"));
}

std::string note_of(const json& row, bool chosen) {
    std::string note = chosen ? "chosen" : "";
    const auto add = [&note](const char* text) {
        note += note.empty() ? "" : ", ";
        note += text;
    };
    const json& preference = member_of(row, "preference");
    if (preference.is_number_integer() && preference.get<int>() != 0)
        add(preference.get<int>() > 0 ? "preferred" : "to avoid");
    if (flag_of(row, "exempt"))
        add("passed over");
    return note.empty() ? "-" : note;
}

bool is_chosen(const json& row, const json& record) {
    return !text_of(record, "cgroup").empty() &&
           text_of(row, "cgroup") == text_of(record, "cgroup") &&
           number_of(row, "pid") == number_of(record, "pid");
}

std::string candidates(const json& record, const Look& look) {
    const json& list = member_of(record, "candidates");
    if (!list.is_array() || list.empty())
        return {};
    Columns columns{{"#", "EXPECTED", "SIZE", "GROWTH/S", "GAINED", "STALL", "NOTE", "CGROUP"}};
    std::size_t number = 0;
    for (const json& row : list) {
        columns.add({std::to_string(++number), size_cell(row, "promise"), size_cell(row, "current"),
                     change_cell(row, "growth"), size_cell(row, "gained"),
                     permyriad_cell(row, "stall"), note_of(row, is_chosen(row, record)),
                     text_of(row, "cgroup")});
    }
    return "\n" + columns.text(look.paint, look.legend);
}

std::string title(const json& record, const Look& look) {
    const auto id = number_of(record, "id");
    return fmt::format("{} {}\n", look.paint(Colour::Bold, id ? fmt::format("{}:", *id) : "-:"),
                       text_of(record, "sentence"));
}

} // namespace

std::string show_records(const std::vector<json>& records, const Look& look) {
    Columns columns{{"TIME", "ID", "ACTION", "RULE", "STALL", "RELEASED", "IN", "CGROUP"}};
    for (const json& record : records) {
        const json& own = member_of(record, "completed");
        const json& end = own.is_object() ? own : record; // the record of an end alone
        columns.add({date_of(record), count_cell(record, "id"), action_of(record),
                     text_cell(record, "rule"), stall_of(record), size_cell(end, "bytes_released"),
                     span_cell(end, "release_usec"), victim_of(record)});
    }
    return columns.listing(look.paint, look.legend, "event");
}

std::string record_line(const json& record, const Look& look) {
    return fmt::format("{}  {:>4}  {}\n", look.paint(Colour::Faint, date_of(record)),
                       count_cell(record, "id"), text_of(record, "sentence"));
}

std::string show_record(const json& record, const Look& look) {
    Facts facts{look.paint};
    facts.add("When", date_of(record));
    facts.add("Action", action_of(record));
    facts.add("Asked by", text_of(record, "requester"));
    facts.add("Reason", text_of(record, "reason"));
    facts.add("Rule", text_of(record, "rule"));
    facts.add("Cgroup", victim_of(record));
    facts.add("Pressure", measured(record));
    facts.add("Memory", memory(record));
    facts.add("Expected", size_cell(record, "bytes_before"));
    add_end(facts, member_of(record, "completed"));
    return title(record, look) + facts.text() + candidates(record, look);
}

} // namespace reapd
