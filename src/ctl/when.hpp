// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Points in time as people write them, a part of what systemd.time(7) takes:
/// "2026-01-31 18:00:05", "2026-01-31", "18:00", "now", "today", "yesterday", "-2h", "2h ago",
/// "@SECONDS". Local time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reapd {

/// Microseconds since 1970, or nothing when it is no time.
std::optional<std::uint64_t> parse_when(std::string_view text, std::uint64_t now_usec);

/// "Sat 2026-01-31 18:00:05", as systemd's tables have it.
std::string date_text(std::uint64_t realtime_usec);

/// "18:00:05".
std::string clock_text(std::uint64_t realtime_usec);

} // namespace reapd
