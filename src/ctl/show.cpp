// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/show.hpp"

#include "ctl/human.hpp"
#include "settings/rule_text.hpp"

#include <fmt/format.h>

namespace reapd {

using nlohmann::json;

std::string conditions_of(const json& rule) {
    const json& when = member_of(rule, "when");
    std::string all;
    const auto add = [&](const char* key, const char* name) {
        const std::string text = text_of(member_of(when, key), "text");
        if (!text.empty())
            all += fmt::format("{}{} {}", all.empty() ? "" : ", ", name, text);
    };
    add("pressure_full", "full");
    add("pressure_some", "some");
    add("memory_available", "available");
    add("swap_free", "swap free");
    add("swap_used", "swap used");
    add("memory_current", "current");
    const auto add_number = [&](const char* key, const auto& text) {
        const auto number = number_of(when, key);
        if (number && *number > 0)
            all += fmt::format("{}{}", all.empty() ? "" : ", ", text(*number));
    };
    add_number("memory_growth", [](std::uint64_t bytes) {
        return fmt::format("growth >{} a second", size_text({bytes}));
    });
    add_number("refaults",
               [](std::uint64_t pages) { return fmt::format("refaults >{} a second", pages); });
    add_number("lasting_usec", [](std::uint64_t usec) {
        return "for " + span_text(Microseconds{static_cast<std::int64_t>(usec)});
    });
    return all.empty() ? "nothing" : all;
}

namespace {

std::string trigger_of(const json& row, bool reasons) {
    if (flag_of(row, "triggered"))
        return flag_of(row, "privileged") ? "own window" : "2s steps";
    const std::string why = text_of(row, "trigger_error");
    if (why.starts_with("polled"))
        return reasons ? why : "polled";
    return why.empty() || !reasons ? "none" : "none: " + why;
}

} // namespace

Columns watched_columns(const View& view, bool reasons) {
    Columns columns{{"RULE", "PRESSURE", "TRIGGER", "CGROUP"}};
    for (const json& row : member_of(view.dump, "watched"))
        columns.add({text_of(row, "rule"), share_cell(row, "share"), trigger_of(row, reasons),
                     text_of(row, "cgroup")});
    return columns;
}

std::string show_rules(const View& view, const Look& look) {
    Columns columns{{"RULE", "WHEN", "AMONG", "DO", "WATCH"}};
    for (const json& rule : member_of(view.dump, "rules"))
        columns.add({text_of(rule, "name"), conditions_of(rule),
                     text_of(member_of(rule, "victim"), "among"), text_of(rule, "action"),
                     joined(rule, "watch", " ")});
    return columns.listing(look.paint, look.legend, "rule");
}

std::string show_watched(const View& view, const Look& look) {
    return watched_columns(view, true).listing(look.paint, look.legend, "cgroup");
}

} // namespace reapd
