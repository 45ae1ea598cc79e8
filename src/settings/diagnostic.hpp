// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What is wrong or remarkable about a settings file, ready to be shown to its author.

#include <cstdint>
#include <string>
#include <vector>

namespace reapd {

enum class Severity : std::uint8_t { Note, Error };

struct Diagnostic {
    Severity severity = Severity::Error;
    std::string file{};
    std::uint32_t line = 0; ///< 0: the file as a whole
    std::string text{};     ///< what was found, what is expected, the nearest valid name

    bool operator==(const Diagnostic&) const = default;
};

/// Adds `found` to `diagnostics` as notes: of files that are not ours nothing is an error.
void add_notes(std::vector<Diagnostic>&& found, std::vector<Diagnostic>& diagnostics);

/// "FILE:LINE: error: TEXT", every byte printable.
std::string to_text(const Diagnostic& diagnostic);

} // namespace reapd
