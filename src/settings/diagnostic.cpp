// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/diagnostic.hpp"

#include "base/escape.hpp"

#include <fmt/format.h>

#include <utility>

namespace reapd {

void add_notes(std::vector<Diagnostic>&& found, std::vector<Diagnostic>& diagnostics) {
    for (Diagnostic& diagnostic : found) {
        diagnostic.severity = Severity::Note;
        diagnostics.push_back(std::move(diagnostic));
    }
}

std::string to_text(const Diagnostic& diagnostic) {
    std::string text = escape(diagnostic.file);
    if (diagnostic.line > 0)
        text += fmt::format(":{}", diagnostic.line);
    if (!text.empty())
        text += ": ";
    text += diagnostic.severity == Severity::Error ? "error: " : "note: ";
    // A message quotes what somebody wrote, but its own words are not escaped twice: only bytes
    // that cannot be printed, and the backslash with them, change.
    return text + escape(diagnostic.text);
}

} // namespace reapd
