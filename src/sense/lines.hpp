// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Walking through a kernel file of which only some lines matter.

#include "base/text.hpp"

#include <optional>
#include <string_view>

namespace reapd {

/// Takes the next line off `text`, without its newline; nothing at the end. A last line without
/// newline stays in `text`: it may have been cut, and a cut number looks like a smaller one.
inline std::optional<std::string_view> take_line(std::string_view& text) noexcept {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos)
        return {};
    const std::string_view line{text.begin(), text.begin() + end};
    text.remove_prefix(end + 1);
    return line;
}

/// What follows `prefix`, which `line` is known to start with.
inline std::string_view behind(std::string_view line, std::string_view prefix) noexcept {
    line.remove_prefix(prefix.size());
    return line;
}

/// Spaces and tabs, as the kernel pads numbers in /proc.
inline void skip_blanks(Reader& in) noexcept {
    while (in.ok() && (in.rest().starts_with(' ') || in.rest().starts_with('\t')))
        in.literal(in.rest().starts_with(' ') ? " " : "\t");
}

/// "   1234 kB" as /proc/meminfo and /proc/PID/status have it.
inline std::optional<Bytes> parse_kib(std::string_view value) noexcept {
    Reader in{value};
    skip_blanks(in);
    const std::uint64_t amount = in.number();
    in.literal(" kB");
    // More than 2^52 KiB is no amount of memory, and a sum of two would not fit in bytes.
    if (!in.ok() || !in.done() || amount > std::uint64_t{1} << 52)
        return {};
    return kib(amount);
}

} // namespace reapd
