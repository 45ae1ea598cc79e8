// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/oom1_dump.hpp"

#include "base/escape.hpp"
#include "settings/rule_text.hpp"
#include "tell/report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reapd {
namespace {

using namespace std::chrono_literals;

const char* const in_system_context = "(see System Context)";

std::string percent(Permyriad share) { return share_number(share.value) + "%"; }

/// In whole seconds; below one in the largest unit there is.
std::string coarse(Microseconds span) {
    if (span >= 1s)
        span -= span % 1s;
    else if (span >= 1ms)
        span -= span % 1ms;
    return span_text(span);
}

std::string protection(Bytes bytes) { return bytes == unlimited ? "infinity" : size_text(bytes); }

std::string text(const Oom1Dump::SwapMonitored& row) {
    return fmt::format("\tPath: {}\n\t\tSwap Usage: {}\n", oom1_path(row.path),
                       row.path == "/" ? in_system_context : size_text(row.swap_usage));
}

std::string text(const Oom1Dump::PressureMonitored& row) {
    const Stall& stall = row.pressure;
    std::string all =
        fmt::format("\tPath: {}\n"
                    "\t\tMemory Pressure Limit: {}\n"
                    "\t\tMemory Pressure Duration: {}\n"
                    "\t\tPressure: Avg10: {}, Avg60: {}, Avg300: {}, Total: {}\n"
                    "\t\tCurrent Memory Usage: {}\n",
                    oom1_path(row.path), percent(row.limit), coarse(row.duration),
                    share_number(stall.avg10.value), share_number(stall.avg60.value),
                    share_number(stall.avg300.value), coarse(stall.total), size_text(row.current));
    if (row.path != "/")
        all += fmt::format("\t\tMemory Min: {}\n"
                           "\t\tMemory Low: {}\n"
                           "\t\tPgscan: {}\n"
                           "\t\tLast Pgscan: {}\n",
                           protection(row.min), protection(row.low), row.pgscan, row.last_pgscan);
    return all;
}

/// Component by component, as paths are compared: "/a/x" comes before "/a-b".
bool comes_before(std::string_view left, std::string_view right) {
    return std::ranges::lexicographical_compare(
        left, right, {}, [](char c) { return c == '/' ? '\0' : c; },
        [](char c) { return c == '/' ? '\0' : c; });
}

template <class Row>
std::string list(std::vector<Row>& rows) {
    std::ranges::sort(rows, comes_before, &Row::path);
    std::string all;
    for (const Row& row : rows)
        all += text(row);
    return all;
}

} // namespace

std::string oom1_text(Oom1Dump dump) {
    return fmt::format("Dry Run: {}\n"
                       "Swap Used Limit: {}\n"
                       "Default Memory Pressure Limit: {}\n"
                       "Default Memory Pressure Duration: {}\n"
                       "System Context:\n"
                       "\tMemory: Used: {}, Total: {}\n"
                       "\tSwap: Used: {}, Total: {}\n"
                       "Swap Monitored CGroups:\n{}"
                       "Memory Pressure Monitored CGroups:\n{}",
                       dump.dry_run ? "yes" : "no", percent(dump.swap_used_limit),
                       percent(dump.default_limit), coarse(dump.default_duration),
                       size_text(dump.memory_used), size_text(dump.memory_total),
                       size_text(dump.swap_used), size_text(dump.swap_total),
                       list(dump.swap_monitored), list(dump.pressure_monitored));
}

std::string oom1_path(std::string_view raw) {
    constexpr std::string_view backslash = "\\x5c";
    std::string path = escape(raw);
    for (std::size_t at = 0; (at = path.find(backslash, at)) != std::string::npos; ++at)
        path.replace(at, backslash.size(), 1, '\\');
    return path;
}

} // namespace reapd
