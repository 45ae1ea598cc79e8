// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/options.hpp"

#include <fmt/format.h>
#include <getopt.h>

#include <algorithm>

namespace reapd {
namespace {

/// getopt_long() answers with this and the row, so that every option has a number of its own.
constexpr int first_row = 256;

std::string shown(const OptionRow& row) {
    return row.name ? fmt::format("--{}{}", row.name, row.argument ? "=" : "")
                    : fmt::format("-{}", row.letter);
}

std::string short_options() {
    std::string letters = ":"; // says that a value is missing apart from an unknown option
    for (const OptionRow& row : option_table())
        if (row.letter) {
            letters += row.letter;
            if (row.argument)
                letters += ':';
        }
    return letters;
}

std::vector<option> long_options() {
    std::vector<option> all;
    int number = first_row;
    for (const OptionRow& row : option_table()) {
        if (row.name)
            all.push_back(
                {row.name, row.argument ? required_argument : no_argument, nullptr, number});
        ++number;
    }
    all.push_back({});
    return all;
}

const OptionRow& row_of(int answer) {
    const auto table = option_table();
    if (answer >= first_row)
        return table[static_cast<std::size_t>(answer - first_row)];
    return *std::ranges::find(table, static_cast<char>(answer), &OptionRow::letter);
}

/// getopt_long() does not say what is wrong with a long option.
std::string unknown_or_valued(std::string_view word) {
    const std::string_view name = word.substr(0, word.find('='));
    std::size_t begun = 0;
    for (const OptionRow& row : option_table()) {
        const std::string known = row.name ? fmt::format("--{}", row.name) : "";
        if (known == name)
            return "this option takes no value";
        begun += known.starts_with(name) ? 1U : 0U;
    }
    if (begun == 1)
        return "this option takes no value";
    return begun > 1 ? "several options begin so" : "there is no such option";
}

bool is_for(const OptionRow& row, std::string_view verb) {
    std::string_view verbs = row.verbs;
    if (verb.empty())
        verb = default_verb;
    if (verbs.empty())
        return true;
    while (!verbs.empty()) {
        const std::size_t end = std::min(verbs.find(' '), verbs.size());
        if (verbs.substr(0, end) == verb)
            return true;
        verbs.remove_prefix(std::min(end + 1, verbs.size()));
    }
    return false;
}

} // namespace

std::expected<Arguments, std::string> parse_arguments(std::span<char* const> arguments,
                                                      const Around& around) {
    const std::string letters = short_options();
    const std::vector<option> names = long_options();
    const int count = static_cast<int>(arguments.size());
    Arguments parsed;
    std::vector<const OptionRow*> given;
    ::optind = 0; // GNU: begin anew
    ::opterr = 0;
    int answer = 0;
    while ((answer = ::getopt_long(count, arguments.data(), letters.c_str(), names.data(),
                                   nullptr)) != -1) {
        const std::string_view word = arguments[static_cast<std::size_t>(::optind - 1)];
        if (answer == '?')
            return std::unexpected(::optopt > 0 && ::optopt < first_row
                                       ? fmt::format("no such option: -{:c}", ::optopt)
                                       : fmt::format("{}: {}", word, unknown_or_valued(word)));
        if (answer == ':')
            return std::unexpected(fmt::format("{} needs a value", shown(row_of(::optopt))));
        const OptionRow& row = row_of(answer);
        const std::string_view value = ::optarg ? ::optarg : "";
        if (const std::string wanted = row.take(parsed.options, value, around); !wanted.empty())
            return std::unexpected(
                fmt::format("{} takes {}, not \"{}\"", shown(row), wanted, value));
        given.push_back(&row);
    }
    const auto rest = arguments.subspan(static_cast<std::size_t>(::optind));
    if (!rest.empty()) {
        parsed.verb = rest.front();
        parsed.rest.assign(rest.begin() + 1, rest.end());
    }
    for (const OptionRow* const row : given)
        if (!is_for(*row, parsed.verb))
            return std::unexpected(fmt::format("{} is for {}", shown(*row), row->verbs));
    return parsed;
}

} // namespace reapd
