// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/options.hpp"
#include "ctl/when.hpp"
#include "settings/values.hpp"

#include <array>

namespace reapd {
namespace {

using namespace std::chrono_literals;

std::string take_json(Options& options, std::string_view value, const Around&) {
    if (value == "off")
        options.json = Json::Off;
    else if (value == "short")
        options.json = Json::Short;
    else if (value == "pretty")
        options.json = Json::Pretty;
    else
        return "pretty, short or off";
    return {};
}

std::string take_j(Options& options, std::string_view, const Around& around) {
    options.json = around.terminal ? Json::Pretty : Json::Short;
    return {};
}

template <bool Options::* member, bool value>
std::string set(Options& options, std::string_view, const Around&) {
    options.*member = value;
    return {};
}

template <std::string Options::* member>
std::string keep(Options& options, std::string_view value, const Around&) {
    options.*member = value;
    return value.empty() ? "something" : "";
}

template <std::optional<std::size_t> Options::* member>
std::string take_count(Options& options, std::string_view value, const Around&) {
    const auto count = parse_integer(value, {.least = 1, .most = 1'000'000});
    if (!count)
        return "a number from 1";
    options.*member = static_cast<std::size_t>(*count);
    return {};
}

template <std::optional<std::uint64_t> Options::* member>
std::string take_time(Options& options, std::string_view value, const Around& around) {
    options.*member = parse_when(value, around.now_usec);
    return options.*member ? "" : "a time such as \"2026-01-31 18:00\", \"today\" or \"-2h\"";
}

/// The tables show whole seconds: what was in the second that is named is not newer than it.
std::string take_until(Options& options, std::string_view value, const Around& around) {
    constexpr std::uint64_t second = 1'000'000;
    std::string wanted = take_time<&Options::until_usec>(options, value, around);
    if (options.until_usec && *options.until_usec % second == 0)
        *options.until_usec += second - 1;
    return wanted;
}

std::string take_delay(Options& options, std::string_view value, const Around&) {
    const auto delay = parse_span(value, 100ms, 1h);
    if (!delay)
        return "a time from 100ms to 1h";
    options.delay = *delay;
    return {};
}

constexpr std::array table{
    OptionRow{'h', "help", nullptr, "this text", "", set<&Options::help, true>},
    OptionRow{0, "version", nullptr, "the version", "", set<&Options::version, true>},
    OptionRow{0, "no-pager", nullptr, "no pager", "", set<&Options::pager, false>},
    OptionRow{0, "no-legend", nullptr, "no headings and no totals", "",
              set<&Options::legend, false>},
    OptionRow{0, "json", "MODE", "JSON: pretty, short or off", "", take_json},
    OptionRow{'j', nullptr, nullptr, "--json=pretty on a terminal, else --json=short", "", take_j},
    OptionRow{'M', "machine", "NAME", "ask the reapd of a container",
              "status rules watched features monitor dump explain kill freeze thaw",
              keep<&Options::machine>},
    OptionRow{0, "root", "PATH", "check the settings below PATH", "check", keep<&Options::root>},
    OptionRow{'S', "since", "TIME", "nothing older", "history", take_time<&Options::since_usec>},
    OptionRow{'U', "until", "TIME", "nothing newer", "history", take_until},
    OptionRow{'n', "lines", "NUMBER", "only so many of the newest", "history",
              take_count<&Options::lines>},
    OptionRow{'f', "follow", nullptr, "stay and print what comes", "history",
              set<&Options::follow, true>},
    OptionRow{'D', "directory", "PATH", "the journal files there", "history",
              keep<&Options::directory>},
    OptionRow{0, "no-ask-password", nullptr, "ask nobody for a password", "kill freeze thaw",
              set<&Options::ask_password, false>},
    OptionRow{0, "reason", "TEXT", "what the journal says of it", "kill", keep<&Options::reason>},
    OptionRow{'b', "batch", nullptr, "print instead of drawing", "top", set<&Options::batch, true>},
    OptionRow{0, "iterations", "NUMBER", "end after so many", "top",
              take_count<&Options::iterations>},
    OptionRow{'d', "delay", "SPAN", "time between two looks", "top", take_delay},
};

} // namespace

std::span<const OptionRow> option_table() { return table; }

} // namespace reapd
