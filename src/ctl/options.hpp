// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The options of reapctl: one table that gives the parser, the help and the tests of manual and
/// completions what they need.

#include "base/units.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

enum class Json { Off, Short, Pretty };

struct Options {
    bool help = false;
    bool version = false;
    Json json = Json::Off;
    bool legend = true;
    bool pager = true;
    bool ask_password = true;
    std::string machine{};                     ///< the container whose reapd is asked; empty: ours
    std::string root{};                        ///< where check looks for settings
    std::string directory{};                   ///< of journal files; empty: the system's journal
    std::string reason{};                      ///< of a kill by hand
    std::optional<std::uint64_t> since_usec{}; ///< since 1970
    std::optional<std::uint64_t> until_usec{};
    std::optional<std::size_t> lines{};
    bool follow = false;
    bool batch = false;
    std::optional<std::size_t> iterations{};
    Microseconds delay{1'000'000};
};

/// What a parser of an option needs to know of the world.
struct Around {
    bool terminal = false; ///< standard output is one
    std::uint64_t now_usec = 0;
};

struct OptionRow {
    char letter = 0;                ///< 0: none
    const char* name = nullptr;     ///< nullptr: none
    const char* argument = nullptr; ///< how the help calls it; nullptr: it takes none
    const char* help = "";
    const char* verbs = ""; ///< the only ones that take it, with spaces between; empty: all do
    /// Puts the value where it belongs. @return what is wrong with it, or nothing
    std::string (*take)(Options& options, std::string_view value, const Around& around) = nullptr;
};

std::span<const OptionRow> option_table();

constexpr const char* default_verb = "status";

struct Arguments {
    Options options{};
    std::string verb{}; ///< empty: none was given, which is default_verb
    std::vector<std::string> rest{};
};

/// @return the arguments, or what is wrong with them as a sentence without its end
std::expected<Arguments, std::string> parse_arguments(std::span<char* const> arguments,
                                                      const Around& around);

} // namespace reapd
