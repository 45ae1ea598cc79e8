// SPDX-License-Identifier: LGPL-2.1-or-later

/// reapctl: what the daemon says, for people and for scripts.

#include "ctl/clock.hpp"
#include "ctl/options.hpp"
#include "ctl/output.hpp"
#include "ctl/verbs.hpp"
#include "tell/version.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <exception>

namespace {

using namespace reapd;

int parse_and_run(std::span<char* const> words) {
    const auto arguments =
        parse_arguments(words, {.terminal = ::isatty(STDOUT_FILENO) == 1, .now_usec = now_usec()});
    if (!arguments) {
        std::fprintf(stderr, "reapctl: %s\nTry \"reapctl --help\".\n", arguments.error().c_str());
        return usage_error;
    }
    if (arguments->options.help)
        return print_long(help_text(), arguments->options);
    if (arguments->options.version)
        return print(fmt::format("reapd {}\n", version()));
    return run(*arguments);
}

} // namespace

int main(int argc, char* argv[]) {
    std::setlocale(LC_CTYPE, ""); // whether the terminal takes UTF-8
    try {
        return parse_and_run({argv, static_cast<std::size_t>(argc)});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "reapctl: %s\n", error.what());
        return 1;
    }
}
