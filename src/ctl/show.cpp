// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/show.hpp"

#include "ctl/columns.hpp"
#include "ctl/features.hpp"
#include "ctl/when.hpp"
#include "settings/rule_text.hpp"

#include <fmt/format.h>

namespace reapd {
namespace {

using nlohmann::json;

/// How much of the past a screen shows; `reapctl dump` has all of it.
constexpr std::size_t actions_shown = 5;

std::string size_of(const json& object, const char* key) {
    const auto bytes = number_of(object, key);
    return bytes ? size_text({*bytes}) : "?";
}

/// "20% full over 1s" comes from the daemon as "20% 1s"; every condition in the words of a rule.
std::string conditions(const json& rule) {
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

std::string share_of(const json& row) {
    const json& share = member_of(row, "share");
    return share.is_number() ? fmt::format("{:.2f}%", share.get<double>() * 100) : "?";
}

std::string trigger_of(const json& row) {
    if (flag_of(row, "triggered"))
        return flag_of(row, "privileged") ? "own window" : "2s steps";
    const std::string why = text_of(row, "trigger_error");
    return why.empty() ? "none" : "none: " + why;
}

Columns watched_columns(const View& view) {
    Columns columns{{"RULE", "PRESSURE", "TRIGGER", "CGROUP"}};
    for (const json& row : member_of(view.dump, "watched"))
        columns.add({text_of(row, "rule"), share_of(row), trigger_of(row), text_of(row, "cgroup")});
    return columns;
}

std::string_view meaning_of(std::string_view state) {
    if (state == "idle")
        return "no pressure, it sleeps";
    if (state == "watching")
        return "there is pressure, it measures";
    if (state == "acting")
        return "it kills, or waits for what that gives";
    if (state == "stuck")
        return "there is pressure, but nothing may or would help";
    if (state == "degraded")
        return "it cannot do all of its work, see below";
    return "";
}

std::string state_line(const json& dump, const Paint& paint) {
    const std::string state = text_of(dump, "state");
    Colour colour = Colour::Green;
    if (state == "stuck" || state == "degraded")
        colour = Colour::Red;
    else if (state != "idle")
        colour = Colour::Yellow;
    std::string line =
        paint(colour, "●") + " reapd " + text_of(dump, "version") + ": " + paint(colour, state);
    if (const std::string_view meaning = meaning_of(state); !meaning.empty())
        line += fmt::format(" ({})", meaning);
    if (flag_of(dump, "dry_run"))
        line += paint(Colour::Yellow, " (dry run: nothing is killed)");
    return line + "\n";
}

std::string labelled(const Paint& paint, std::string_view label, std::string_view text) {
    return fmt::format("{} {}\n", paint(Colour::Faint, fmt::format("{:>10}:", label)), text);
}

std::string losses(const json& dump) {
    std::string all;
    const auto add = [&](const char* key, const char* what) {
        const auto count = number_of(dump, key);
        if (count && *count > 0)
            all += fmt::format("{}{} {}", all.empty() ? "" : ", ", *count, what);
    };
    add("dropped_events", "events of the guard");
    add("dropped_entries", "journal entries");
    add("cgroups_left_out", "cgroups that do not fit");
    return all;
}

std::string facts(const View& view, const Paint& paint) {
    const json& dump = view.dump;
    const auto& p = view.pressure;
    std::string all =
        labelled(paint, "Pressure",
                 fmt::format("full {:.2f}% {:.2f}% {:.2f}%, some {:.2f}% {:.2f}% {:.2f}% "
                             "(10s, 1min, 5min)",
                             p[3], p[4], p[5], p[0], p[1], p[2]));
    all += labelled(paint, "Kills",
                    fmt::format("{}, {} released", number_of(dump, "kill_count").value_or(0),
                                size_of(dump, "released_bytes")));
    all += labelled(paint, "Cgroups",
                    fmt::format("{} followed", number_of(dump, "cgroups").value_or(0)));
    if (const std::string missing = missing_features(view); !missing.empty())
        all += labelled(paint, "Missing",
                        paint(Colour::Yellow, missing) + "; see \"reapctl features\"");
    if (const std::string lost = losses(dump); !lost.empty())
        all += labelled(paint, "Lost", paint(Colour::Yellow, lost));
    if (const std::string rivals = joined(dump, "rivals", " "); !rivals.empty())
        all += labelled(paint, "Beside it", paint(Colour::Yellow, rivals + " kills too"));
    return all;
}

std::string rules_line(const json& dump, const Paint& paint) {
    std::string all;
    for (const json& rule : member_of(dump, "rules"))
        all += labelled(paint, all.empty() ? "Rules" : "",
                        text_of(rule, "name") + ": " + conditions(rule));
    if (flag_of(dump, "builtin_rules"))
        all += labelled(paint, "",
                        paint(Colour::Red, "No rule file could be used; these are built in."));
    return all;
}

std::string diagnostics(const json& dump, const Paint& paint) {
    std::string all;
    for (const json& row : member_of(dump, "diagnostics")) {
        const bool error = text_of(row, "severity") == "error";
        all += fmt::format("  {}:{}: {}: {}\n", text_of(row, "file"),
                           number_of(row, "line").value_or(0),
                           paint(error ? Colour::Red : Colour::Yellow, error ? "error" : "note"),
                           text_of(row, "text"));
    }
    return all.empty() ? all : "\n" + paint(Colour::Bold, "Settings") + "\n" + all;
}

std::string last_actions(const json& dump, const Paint& paint) {
    const json& history = member_of(dump, "history");
    if (!history.is_array() || history.empty())
        return "\nNothing was killed since reapd started; \"reapctl history\" knows what was "
               "before.\n";
    std::string all = "\n" + paint(Colour::Bold, "Last actions") + "\n";
    const std::size_t skipped = history.size() > actions_shown ? history.size() - actions_shown : 0;
    for (std::size_t i = skipped; i < history.size(); ++i)
        all += fmt::format(
            "  {}  {}\n",
            paint(Colour::Faint, date_text(number_of(history[i], "realtime_usec").value_or(0))),
            text_of(history[i], "sentence"));
    return all;
}

} // namespace

std::string show_status(const View& view, const Look& look) {
    std::string all = state_line(view.dump, look.paint) + facts(view, look.paint) +
                      rules_line(view.dump, look.paint);
    if (const Columns watched = watched_columns(view); !watched.empty())
        all += "\n" + watched.text(look.paint, look.legend, "  ");
    return all + diagnostics(view.dump, look.paint) + last_actions(view.dump, look.paint);
}

std::string show_rules(const View& view, const Look& look) {
    Columns columns{{"RULE", "WHEN", "AMONG", "DO", "WATCH"}};
    for (const json& rule : member_of(view.dump, "rules"))
        columns.add({text_of(rule, "name"), conditions(rule),
                     text_of(member_of(rule, "victim"), "among"), text_of(rule, "action"),
                     joined(rule, "watch", " ")});
    return columns.listing(look.paint, look.legend, "rule");
}

std::string show_watched(const View& view, const Look& look) {
    return watched_columns(view).listing(look.paint, look.legend, "cgroup");
}

} // namespace reapd
