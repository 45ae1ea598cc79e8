// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/ini.hpp"

#include "settings/complaint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace reapd {
namespace {

/// Why a text cannot be read line by line at all.
std::optional<Diagnostic> refuse_whole(std::string_view text) {
    const auto refusal = [&](std::size_t at, std::string why) {
        const auto before = std::ranges::count(text.substr(0, at), '\n');
        return Diagnostic{.line = static_cast<std::uint32_t>(before + 1), .text = std::move(why)};
    };
    if (text.size() > max_settings_file)
        return Diagnostic{.text = fmt::format("found more than {0} bytes, expected at most {0}",
                                              max_settings_file)};
    if (text.starts_with("\xef\xbb\xbf"))
        return refusal(0, "found a byte order mark, expected text without one");
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return refusal(0, "found UTF-16, expected UTF-8");
    if (const std::size_t at = text.find('\0'); at != std::string_view::npos)
        return refusal(at, "found a NUL byte, expected text");
    if (const std::size_t at = text.find('\r'); at != std::string_view::npos)
        return refusal(at, "found a carriage return (a line end of DOS), expected a newline alone");
    return std::nullopt;
}

/// One that is not the second of a pair.
bool ends_in_backslash(std::string_view line) noexcept {
    const std::size_t other = line.find_last_not_of('\\');
    const std::size_t before = other == std::string_view::npos ? 0 : other + 1;
    return (line.size() - before) % 2 == 1;
}

class Parser {
public:
    Parser(std::string_view file, std::vector<Diagnostic>& diagnostics)
        : ini_{.file = std::string{file}}, diagnostics_{diagnostics} {}

    void take_line(std::string_view line) {
        ++number_;
        const std::string_view content = trim(line);
        // Comments between continued lines do not end them, as in unit files.
        if (content.starts_with('#') || content.starts_with(';'))
            return;
        if (line.size() > max_settings_line) {
            complain(number_, fmt::format("found a line of {} bytes, expected at most {}",
                                          line.size(), max_settings_line));
            continued_ = false;
            return;
        }
        if (!continued_) {
            joined_.clear();
            first_ = number_;
        }
        continued_ = ends_in_backslash(line);
        // Blanks stay as they are, and the backslash becomes one, as in unit files.
        joined_ += line.substr(0, line.size() - (continued_ ? 1 : 0));
        if (continued_)
            joined_ += ' ';
        if (!continued_)
            take_statement(trim(joined_));
    }

    Ini finish() {
        if (continued_)
            complain(first_, "found the end of the file after a backslash, expected another line");
        if (complaints_ > max_complaints)
            diagnostics_.push_back({.file = ini_.file,
                                    .text = fmt::format("{} more errors of this kind are not shown",
                                                        complaints_ - max_complaints)});
        return std::move(ini_);
    }

private:
    void take_statement(std::string_view text) {
        if (text.empty())
            return;
        if (text.starts_with('[')) {
            take_heading(text);
            return;
        }
        const std::size_t equals = text.find('=');
        const std::string_view key = trim(text.substr(0, equals));
        if (equals == std::string_view::npos)
            complain(first_, fmt::format("found {}, expected Key=Value or [Section]", quote(text)));
        else if (key.empty())
            complain(first_, "found no key before '=', expected Key=Value");
        else if (place_ == Place::Top)
            complain(first_, fmt::format("found {} outside a section, expected [Section] before it",
                                         quote(text)));
        else if (place_ == Place::Section)
            ini_.sections.back().entries.push_back(
                {.key = std::string{key},
                 .value = std::string{trim(text.substr(equals + 1))},
                 .line = first_});
    }

    void take_heading(std::string_view text) {
        const bool closed = text.size() > 2 && text.ends_with(']');
        const std::string_view name = closed ? text.substr(1, text.size() - 2) : "";
        if (closed && name.find_first_of("[]") == std::string_view::npos) {
            ini_.sections.push_back({.name = std::string{name}, .line = first_});
            place_ = Place::Section;
            return;
        }
        complain(first_,
                 fmt::format("found {}, expected [Section] alone on its line", quote(text)));
        place_ = Place::BrokenSection;
    }

    void complain(std::uint32_t line, std::string text) {
        if (++complaints_ <= max_complaints)
            diagnostics_.push_back({.file = ini_.file, .line = line, .text = std::move(text)});
    }

    Ini ini_;
    std::vector<Diagnostic>& diagnostics_;
    std::string joined_{};
    std::uint32_t number_ = 0;
    std::uint32_t first_ = 0;
    std::size_t complaints_ = 0;
    bool continued_ = false;
    // What stands below a broken heading was meant for some section: one message is enough.
    enum class Place { Top, Section, BrokenSection } place_ = Place::Top;
};

} // namespace

std::string_view trim(std::string_view text) noexcept {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Ini parse_ini(std::string_view file, std::string_view text, std::vector<Diagnostic>& diagnostics) {
    if (std::optional<Diagnostic> refusal = refuse_whole(text)) {
        refusal->file = file;
        diagnostics.push_back(std::move(*refusal));
        return {.file = std::string{file}};
    }
    Parser parser{file, diagnostics};
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        parser.take_line(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    Ini ini = parser.finish();
    if (!text.empty() && !text.ends_with('\n'))
        diagnostics.push_back(
            {.severity = Severity::Note,
             .file = std::string{file},
             .text = "found no newline at the end; the file may have been cut short"});
    return ini;
}

} // namespace reapd
