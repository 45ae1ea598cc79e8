// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What reapctl can do: one table for the dispatch, the help and the tests of the manual.

#include "ctl/options.hpp"
#include "ctl/service.hpp"

#include <span>
#include <string>

namespace reapd {

struct Command {
    const Options& options;
    std::span<const std::string> arguments{};
};

/// The exit status, or why there is none.
using Outcome = std::expected<int, Failure>;

struct Verb {
    const char* name = nullptr;
    const char* arguments = ""; ///< as the help shows them
    std::size_t least = 0;
    std::size_t most = 0;
    const char* help = "";
    Outcome (*run)(const Command& command) = nullptr;
};

std::span<const Verb> verb_table();

/// The text of --help.
std::string help_text();

/// Finds the verb and runs it. @return the exit status
int run(const Arguments& arguments);

} // namespace reapd
