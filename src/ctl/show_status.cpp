// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/features.hpp"
#include "ctl/fit.hpp"
#include "ctl/human.hpp"
#include "ctl/show.hpp"
#include "ctl/when.hpp"
#include "settings/rule_text.hpp"

#include <fmt/format.h>

#include <limits>

namespace reapd {
namespace {

using nlohmann::json;

/// How much of the past a screen shows; `reapctl history` has more of it.
constexpr std::size_t actions_shown = 5;

/// Where the facts begin, behind their labels.
constexpr std::size_t label_width = 12;

std::size_t width_for(const Look& look) {
    return look.screen ? look.screen->width : std::numeric_limits<std::size_t>::max();
}

std::string_view mark_for(const Look& look) { return look.utf8 ? "…" : "~"; }

std::string shortened(std::string_view text, const Look& look) {
    return cut(text, width_for(look), mark_for(look));
}

/// The text behind `margin`, under which its further lines begin.
std::vector<std::string> hang(std::string_view margin, std::size_t margin_width,
                              std::string_view text, const Look& look) {
    const std::size_t width = width_for(look);
    std::vector<std::string> lines = wrap(text, width - std::min(width, margin_width));
    for (std::size_t i = 0; i < lines.size(); ++i)
        lines[i] = (i == 0 ? std::string{margin} : std::string(margin_width, ' ')) + lines[i];
    return lines;
}

std::string label(std::string_view name, const Look& look) {
    return look.paint(Colour::Faint, fmt::format("{:>{}}:", name, label_width - 2)) + " ";
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

std::string state_line(const json& dump, const Look& look) {
    const std::string state = text_of(dump, "state");
    Colour colour = Colour::Green;
    if (state == "stuck" || state == "degraded")
        colour = Colour::Red;
    else if (state != "idle")
        colour = Colour::Yellow;
    std::string line = look.paint(colour, look.utf8 ? "●" : "*") + " reapd " +
                       text_of(dump, "version") + ": " + look.paint(colour, state);
    if (const std::string_view meaning = meaning_of(state); !meaning.empty())
        line += fmt::format(" ({})", meaning);
    return shortened(line, look);
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

/// Whether it works, and what is unusual.
Part facts(const View& view, const Look& look) {
    const json& dump = view.dump;
    Part part{.head = {state_line(dump, look)}};
    const auto add = [&](std::string_view name, std::string_view text) {
        for (std::string& line : hang(label(name, look), label_width, text, look))
            part.head.push_back(std::move(line));
    };
    if (flag_of(dump, "dry_run"))
        add("Dry run", "it decides, but nothing is killed");
    const auto& p = view.pressure;
    add("Pressure", fmt::format("full {:.2f}% {:.2f}% {:.2f}%, some {:.2f}% {:.2f}% {:.2f}% "
                                "(10s 1min 5min)",
                                p[3], p[4], p[5], p[0], p[1], p[2]));
    add("Kills", fmt::format("{}, {} released", number_of(dump, "kill_count").value_or(0),
                             size_cell(dump, "released_bytes")));
    add("Cgroups", fmt::format("{} followed", number_of(dump, "cgroups").value_or(0)));
    if (const std::string missing = missing_features(view); !missing.empty())
        add("Missing", missing + "; see \"reapctl features\"");
    if (const std::string lost = losses(dump); !lost.empty())
        add("Lost", lost);
    if (const std::string rivals = joined(dump, "rivals", " "); !rivals.empty())
        add("Beside it",
            rivals + (rivals.find(' ') == std::string::npos ? " kills" : " kill") + " too");
    if (flag_of(dump, "builtin_rules"))
        add("Settings", "no rule file could be used; these are built in");
    return part;
}

Part rules(const json& dump, const Look& look) {
    Part part{.more = "; see \"reapctl rules\""};
    for (const json& rule : member_of(dump, "rules")) {
        const std::string margin =
            part.items.empty() ? label("Rules", look) : std::string(label_width, ' ');
        const std::string text = text_of(rule, "name") + ": " + conditions_of(rule);
        part.items.push_back({.lines = {shortened(margin + text, look)}});
    }
    return part;
}

Part watched(const View& view, const Look& look) {
    const Columns columns = watched_columns(view, false);
    if (columns.empty())
        return {};
    const auto lines =
        columns.lines(look.paint, look.legend, "  ", Room{width_for(look), mark_for(look)});
    Part part{.head = {""}, .more = " under less pressure; see \"reapctl watched\""};
    if (look.legend)
        part.head.push_back(shortened(lines.front(), look));
    std::size_t next = look.legend ? 1 : 0;
    for (const json& row : member_of(view.dump, "watched")) {
        const json& share = member_of(row, "share");
        part.items.push_back({.lines = {shortened(lines[next++], look)},
                              .weight = share.is_number() ? share.get<double>() : -1});
    }
    return part;
}

Part diagnostics(const json& dump, const Look& look) {
    Part part{.more = "; see \"reapctl check\""};
    for (const json& row : member_of(dump, "diagnostics")) {
        const bool error = text_of(row, "severity") == "error";
        const std::string text =
            fmt::format("{}:{}: {}: {}", text_of(row, "file"), number_of(row, "line").value_or(0),
                        error ? "error" : "note", text_of(row, "text"));
        Item item{.lines = hang("  ", 2, text, look), .weight = error ? 1.0 : 0.0};
        for (std::string& line : item.lines)
            line = look.paint(error ? Colour::Red : Colour::Yellow, line);
        part.items.push_back(std::move(item));
    }
    if (!part.items.empty())
        part.head = {"", look.paint(Colour::Bold, "Settings")};
    return part;
}

/// The newest is last and whole, those before it are a line each.
Part last_actions(const json& dump, const Look& look) {
    const json& history = member_of(dump, "history");
    if (!history.is_array() || history.empty()) {
        Part part{.head = hang("", 0,
                               "Nothing was killed since reapd started; \"reapctl history\" knows "
                               "what was before.",
                               look)};
        part.head.insert(part.head.begin(), "");
        return part;
    }
    Part part{.head = {"", look.paint(Colour::Bold, "Last actions")}};
    const std::size_t skipped = history.size() > actions_shown ? history.size() - actions_shown : 0;
    for (std::size_t i = skipped; i < history.size(); ++i) {
        const std::string date = date_text(number_of(history[i], "realtime_usec").value_or(0));
        const std::string margin = "  " + look.paint(Colour::Faint, date) + "  ";
        const std::string sentence = text_of(history[i], "sentence");
        Item item{.weight = static_cast<double>(i)};
        if (i + 1 < history.size())
            item.lines = {shortened(margin + sentence, look)};
        else
            item.lines = hang(margin, date.size() + 4, sentence, look);
        part.items.push_back(std::move(item));
    }
    return part;
}

} // namespace

std::string show_status(const View& view, const Look& look) {
    return screenful({facts(view, look), rules(view.dump, look), watched(view, look),
                      diagnostics(view.dump, look), last_actions(view.dump, look)},
                     look.screen);
}

} // namespace reapd
