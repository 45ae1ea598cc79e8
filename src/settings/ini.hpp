// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The syntax of settings files: sections, `Key=Value`, comments on lines of their own (`#` or
/// `;`), a backslash at the end of a line to go on in the next. Knows no section and no key; what
/// they mean is in the tables of config_file.cpp and rule_file.cpp. Bytes in, values out.

#include "settings/diagnostic.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// Larger than any settings file a person writes; keeps one file from taking the memory we guard.
constexpr std::size_t max_settings_file = 1U << 20;

/// Longest line, before lines are joined.
constexpr std::size_t max_settings_line = 4096;

/// After that many complaints the rest of a file is not worth reading aloud.
constexpr std::size_t max_complaints = 32;

struct IniEntry {
    std::string key{};
    std::string value{}; ///< without white space around it; continued lines joined by a space
    std::uint32_t line = 0;
    bool operator==(const IniEntry&) const = default;
};

struct IniSection {
    std::string name{};
    std::uint32_t line = 0;
    std::vector<IniEntry> entries{};
    bool operator==(const IniSection&) const = default;
};

struct Ini {
    std::string file{};
    std::vector<IniSection> sections{}; ///< in the order of the file; a name may come twice
    bool operator==(const Ini&) const = default;
};

/// Takes `text` apart. Every line that is not understood is a diagnostic and left out; a text
/// with NUL bytes, CR LF lines, a byte order mark or more than max_settings_file is left out
/// whole. A last line without newline is noted, since it may have been cut.
Ini parse_ini(std::string_view file, std::string_view text, std::vector<Diagnostic>& diagnostics);

/// `text` without spaces and tabs around it.
std::string_view trim(std::string_view text) noexcept;

} // namespace reapd
