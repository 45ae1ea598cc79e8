// SPDX-License-Identifier: LGPL-2.1-or-later

/// reapctl: what the daemon says, for people and for scripts.

#include "ctl/adopt.hpp"
#include "ctl/check.hpp"
#include "ctl/daemon.hpp"
#include "ctl/show.hpp"
#include "tell/version.hpp"

#include <getopt.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>

namespace {

using namespace reapd;
using nlohmann::json;

constexpr int usage_error = 2; // as LSB init scripts and GNU tools

enum class Json { Off, Short, Pretty };

struct Options {
    Json json = Json::Off;
    Look look{};
    std::string root{}; ///< where check looks for settings
};

struct Verb {
    const char* name = nullptr;
    const char* help = "";
    std::string (*show)(const View& view, const Look& look) = nullptr; ///< nullptr: JSON only
    const json& (*part)(const View& view) = nullptr;                   ///< what --json prints
    /// For verbs that do without the daemon's answers.
    int (*alone)(const Options& options, std::span<const char* const> arguments) = nullptr;
};

int print(const std::string& text) {
    const bool written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    return written ? 0 : 1;
}

int run_check(const Options& options, std::span<const char* const> paths) {
    const Checked checked = check(options.root, paths);
    const int status = print(checked.text);
    return checked.failed ? 1 : status;
}

int complain(const char* text, const char* what) {
    std::fprintf(stderr, "reapctl: %s: %s\nTry \"reapctl --help\".\n", text, what);
    return usage_error;
}

template <auto hand_over>
int run_handover(const Options& options, std::span<const char* const> arguments) {
    if (!arguments.empty())
        return complain("too many arguments", arguments.front());
    if (!options.root.empty())
        return complain("--root= is for check, not for", options.root.c_str());
    const auto fail = [](const Failure& failure) {
        std::fprintf(stderr, "reapctl: %s\n", failure.text.c_str());
        return failure.status;
    };
    const auto bus = connect_to_bus();
    if (!bus)
        return fail(bus.error());
    Units units{bus->get()};
    if (const auto following = units.follow_jobs(); !following)
        return fail(following.error());
    const auto say = [](const std::string& line) { (void)print(line + "\n"); };
    const auto done = hand_over(Handover{.units = units, .say = say});
    return done ? 0 : fail(done.error());
}

constexpr std::array verbs{
    Verb{"status", "how reapd is and what it did last (the default)", show_status,
         [](const View& view) -> const json& { return view.dump; }},
    Verb{"rules", "the rules in force", show_rules,
         [](const View& view) -> const json& { return member_of(view.dump, "rules"); }},
    Verb{"watched", "the cgroups whose pressure counts", show_watched,
         [](const View& view) -> const json& { return member_of(view.dump, "watched"); }},
    Verb{"dump", "everything reapd knows, as JSON", nullptr,
         [](const View& view) -> const json& { return view.dump; }},
    Verb{"check", "what is wrong with the settings, or with the named files", nullptr, nullptr,
         run_check},
    Verb{"adopt", "put reapd in the place of systemd-oomd", nullptr, nullptr, run_handover<adopt>},
    Verb{"release", "hand the machine back to systemd-oomd", nullptr, nullptr,
         run_handover<release>},
};

int help() {
    std::printf(
        "Usage: reapctl [OPTION…] [VERB]\n"
        "       reapctl [--root=PATH] check [FILE…]\n\n"
        "Shows what reapd, the out-of-memory daemon, does and why, and puts it in charge.\n\n");
    for (const Verb& verb : verbs)
        std::printf("  %-10s %s\n", verb.name, verb.help);
    std::printf("\n"
                "  -j                   same as --json=pretty on a terminal, else --json=short\n"
                "     --json=MODE       pretty, short or off\n"
                "     --no-legend       no headings\n"
                "     --root=PATH       check the settings below PATH\n"
                "  -h --help            this text\n"
                "     --version         the version\n"
                "\nSee reapctl(1).\n");
    return 0;
}

std::string printed(const Verb& verb, const View& view, const Options& options) {
    if (verb.show && options.json == Json::Off)
        return verb.show(view, options.look);
    const int indent = options.json == Json::Short ? -1 : 4;
    return verb.part(view).dump(indent, ' ', false, json::error_handler_t::replace) + "\n";
}

int run(const Verb& verb, const Options& options) {
    const auto bus = connect_to_bus();
    const auto view = bus ? ask_daemon(bus->get()) : std::unexpected(bus.error());
    if (!view) {
        std::fprintf(stderr, "reapctl: %s\n", view.error().text.c_str());
        return view.error().status;
    }
    return print(printed(verb, *view, options));
}

/// @return the mode, or nothing for a word that is none
std::optional<Json> parse_json(std::string_view mode) {
    if (mode == "off")
        return Json::Off;
    if (mode == "short")
        return Json::Short;
    if (mode == "pretty")
        return Json::Pretty;
    return {};
}

int run_verb(int argc, char* argv[], const Options& options) {
    const std::string_view name = optind < argc ? argv[optind] : "status";
    const auto* const verb = std::ranges::find(verbs, name, &Verb::name);
    if (verb == verbs.end())
        return complain("no such verb", argv[optind]);
    if (verb->alone)
        return verb->alone(options, std::span{argv + optind + 1, argv + argc});
    if (optind + 1 < argc)
        return complain("too many arguments", argv[optind + 1]);
    if (!options.root.empty())
        return complain("--root= is for check, not for", verb->name);
    return run(*verb, options);
}

int parse_and_run(int argc, char* argv[]) {
    enum { JsonMode = 256, NoLegend, Root, Version };
    constexpr option known[] = {
        {"help", no_argument, nullptr, 'h'},
        {"version", no_argument, nullptr, Version},
        {"json", required_argument, nullptr, JsonMode},
        {"no-legend", no_argument, nullptr, NoLegend},
        {"root", required_argument, nullptr, Root},
        {nullptr, 0, nullptr, 0},
    };
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    Options options{
        .look = {.paint = Paint{wants_colour({.terminal = terminal,
                                              .systemd_colors = ::getenv("SYSTEMD_COLORS"),
                                              .no_color = ::getenv("NO_COLOR"),
                                              .term = ::getenv("TERM")})}}};
    int letter = 0;
    while ((letter = ::getopt_long(argc, argv, "hj", known, nullptr)) != -1) {
        switch (letter) {
        case 'h':
            return help();
        case 'j':
            options.json = terminal ? Json::Pretty : Json::Short;
            break;
        case JsonMode: {
            const auto mode = parse_json(optarg);
            if (!mode)
                return complain("--json= takes pretty, short or off, not", optarg);
            options.json = *mode;
            break;
        }
        case NoLegend:
            options.look.legend = false;
            break;
        case Root:
            options.root = optarg;
            break;
        case Version:
            return std::printf("reapd %s\n", version()) < 0;
        default:
            return usage_error; // getopt_long has said why
        }
    }
    return run_verb(argc, argv, options);
}

} // namespace

int main(int argc, char* argv[]) {
    try {
        return parse_and_run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "reapctl: %s\n", error.what());
        return 1;
    }
}
