// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/verbs.hpp"

#include "base/escape.hpp"
#include "ctl/adopt.hpp"
#include "ctl/check.hpp"
#include "ctl/columns.hpp"
#include "ctl/daemon.hpp"
#include "ctl/explain.hpp"
#include "ctl/features.hpp"
#include "ctl/fit.hpp"
#include "ctl/history.hpp"
#include "ctl/monitor.hpp"
#include "ctl/orders.hpp"
#include "ctl/output.hpp"
#include "ctl/show.hpp"
#include "ctl/top.hpp"
#include "settings/complaint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace reapd {
namespace {

using nlohmann::json;

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

template <auto show, auto part>
Outcome show_part(const Command& command) {
    const auto bus = connect_to_bus(command.options.machine);
    if (!bus)
        return std::unexpected(bus.error());
    const auto view = ask_daemon({.bus = bus->get()});
    if (!view)
        return std::unexpected(view.error());
    const bool text = command.options.json == Json::Off;
    return print_long(text ? show(*view, look_of(command.options))
                           : json_text(part(*view), command.options.json),
                      command.options);
}

const json& all_of(const View& view) { return view.dump; }

json status_of(const View& view) {
    json all = view.dump;
    const auto& p = view.pressure;
    const auto kind = [](double avg10, double avg60, double avg300) {
        return json{{"avg10", avg10}, {"avg60", avg60}, {"avg300", avg300}};
    };
    all["pressure"] = {{"some", kind(p[0], p[1], p[2])}, {"full", kind(p[3], p[4], p[5])}};
    return all;
}

const json& rules_of(const View& view) { return member_of(view.dump, "rules"); }
const json& watched_of(const View& view) { return member_of(view.dump, "watched"); }
std::string show_dump(const View& view, const Look&) { return json_text(view.dump, Json::Pretty); }

json messages_json(const Checked& checked) {
    json all = json::array();
    for (const Diagnostic& message : checked.messages)
        all.push_back({{"severity", message.severity == Severity::Error ? "error" : "note"},
                       {"file", escape(message.file)},
                       {"line", message.line},
                       {"text", printable(message.text)}});
    return all;
}

Outcome run_check(const Command& command) {
    const Checked checked = check(command.options.root, command.arguments);
    const Json mode = command.options.json;
    const std::string text = command.options.legend ? checked.text + checked.totals : checked.text;
    const int status = print_long(
        mode == Json::Off ? text : json_text(messages_json(checked), mode), command.options);
    return checked.failed ? 1 : status;
}

Outcome run_monitor(const Command& command) { return monitor(command.options); }

template <auto hand_over>
Outcome run_handover(const Command&) {
    const auto bus = connect_to_bus();
    if (!bus)
        return std::unexpected(bus.error());
    Units units{bus->get()};
    if (const auto following = units.follow_jobs(); !following)
        return std::unexpected(following.error());
    const auto say = [](const std::string& line) { (void)print(line + "\n"); };
    const auto done = hand_over(Handover{.units = units, .say = say});
    if (!done)
        return std::unexpected(done.error());
    return 0;
}

constexpr std::array table{
    Verb{"status", "", 0, 0, "is it working, what does it watch, what happened last (the default)",
         show_part<show_status, status_of>},
    Verb{"top", "", 0, 0, "the same live: pressure, who would die, what happened", run_top},
    Verb{"rules", "", 0, 0, "the rules in force", show_part<show_rules, rules_of>},
    Verb{"watched", "", 0, 0, "the cgroups whose pressure counts",
         show_part<show_watched, watched_of>},
    Verb{"dump", "", 0, 0, "everything reapd knows, as JSON", show_part<show_dump, all_of>},
    Verb{"features", "", 0, 0, "what kernel and privileges allow, and what each is good for",
         show_part<show_features, features_json>},
    Verb{"explain", "[CGROUP|RULE]", 0, 1, "who would be chosen now, or why one would or would not",
         run_explain},
    Verb{"history", "[ID]", 0, 1, "what it did, from the journal; or all about one event",
         run_history},
    Verb{"monitor", "", 0, 0, "what reapd says on the bus, as it says it", run_monitor},
    Verb{"kill", "CGROUP", 1, 1, "kill a cgroup and take its memory back", run_kill},
    Verb{"freeze", "CGROUP…", 1, any_number, "stop cgroups where they are", run_freeze},
    Verb{"thaw", "CGROUP…", 1, any_number, "let frozen cgroups go on", run_thaw},
    Verb{"check", "[FILE…]", 0, any_number, "what is wrong with the settings, or with the files",
         run_check},
    Verb{"adopt", "", 0, 0, "put reapd in the place of systemd-oomd", run_handover<adopt>},
    Verb{"release", "", 0, 0, "hand the machine back to systemd-oomd", run_handover<release>},
};

/// "; did you mean VERB?", or nothing.
std::string meant_by(const std::string& name) {
    std::array<std::string_view, table.size()> names;
    std::ranges::transform(table, names.begin(), &Verb::name);
    const std::string_view near = nearest(name, names);
    return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

int complain(const std::string& sentence) {
    std::fprintf(stderr, "reapctl: %s\nTry \"reapctl --help\".\n", sentence.c_str());
    return usage_error;
}

struct HelpRow {
    std::string name{};
    std::string help{};
};

/// Below each other, no wider than the narrowest terminal.
std::string help_rows(std::span<const HelpRow> rows) {
    constexpr std::size_t width = 80;
    std::size_t margin = 0;
    for (const HelpRow& row : rows)
        margin = std::max(margin, width_of(row.name) + 4);
    std::string text;
    for (const HelpRow& row : rows) {
        std::string before = fit("  " + row.name, margin);
        for (const std::string& line : wrap(row.help, width - margin)) {
            text += before + line + "\n";
            before.assign(margin, ' ');
        }
    }
    return text;
}

std::string option_name(const OptionRow& row) {
    std::string name = row.letter ? fmt::format("-{}", row.letter) : "  ";
    if (row.name)
        name += fmt::format(" --{}", row.name);
    return row.argument ? fmt::format("{}={}", name, row.argument) : name;
}

} // namespace

std::span<const Verb> verb_table() { return table; }

std::string help_text() {
    std::string text = "Usage: reapctl [OPTION…] [VERB] [ARGUMENT…]\n\n"
                       "Shows what reapd, the out-of-memory daemon, does and why, and tells it\n"
                       "what to do.\n\nVerbs:\n";
    std::vector<HelpRow> verbs;
    verbs.reserve(table.size());
    for (const Verb& verb : table)
        verbs.push_back(
            {fmt::format("{}{}{}", verb.name, *verb.arguments ? " " : "", verb.arguments),
             verb.help});
    text += help_rows(verbs) + "\nOptions:\n";
    std::vector<HelpRow> options;
    options.reserve(option_table().size());
    for (const OptionRow& row : option_table())
        options.push_back({option_name(row),
                           *row.verbs ? fmt::format("{} ({})", row.help, row.verbs) : row.help});
    return text + help_rows(options) + "\nSee reapctl(1).\n";
}

int run(const Arguments& arguments) {
    const std::string name = arguments.verb.empty() ? default_verb : arguments.verb;
    const auto* const verb =
        std::ranges::find_if(table, [&](const Verb& row) { return row.name == name; });
    if (verb == table.end())
        return complain("no such verb: " + escape(name) + meant_by(name));
    if (arguments.rest.size() < verb->least)
        return complain(fmt::format("{} needs {}", name, verb->arguments));
    if (arguments.rest.size() > verb->most)
        return complain("too many arguments: " + arguments.rest[verb->most]);
    const Outcome outcome = verb->run({.options = arguments.options, .arguments = arguments.rest});
    if (outcome)
        return *outcome;
    std::fprintf(stderr, "reapctl: %s\n", outcome.error().text.c_str());
    return outcome.error().status;
}

} // namespace reapd
