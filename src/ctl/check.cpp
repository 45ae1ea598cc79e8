// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/check.hpp"

#include "base/mrelease.hpp"
#include "sense/meminfo.hpp"
#include "settings/check.hpp"
#include "settings/table.hpp"
#include "settings/unmatched.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

namespace reapd {
namespace {

std::string counted(std::ptrdiff_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::optional<Amounts> read_amounts(const std::string& root) {
    std::stringstream text;
    text << std::ifstream{root + "/proc/meminfo"}.rdbuf();
    const Result<MemInfo> memory = parse_meminfo(text.str());
    if (!memory)
        return std::nullopt;
    return Amounts{.memory = memory->total, .swap = memory->swap_total};
}

std::string summary(std::span<const Diagnostic> diagnostics) {
    const auto errors = std::ranges::count(diagnostics, Severity::Error, &Diagnostic::severity);
    const auto notes = std::ssize(diagnostics) - errors;
    return fmt::format("{}, {}\n", counted(errors, "error"), counted(notes, "note"));
}

} // namespace

Checked check(const std::string& root, std::span<const std::string> paths) {
    const std::vector<std::string> cgroups = list_cgroups(root + "/sys/fs/cgroup");
    TargetMachine around{.cgroups = cgroups, .amounts = read_amounts(root)};
    if (root.empty() || root == "/") { // of another system, the kernel is not known
        around.kernel.bounded_release = probe_releases().bounded;
        if (around.amounts)
            around.kernel.swap = around.amounts->swap > Bytes{};
    }
    std::vector<Diagnostic> all;
    if (!root.empty() && !std::filesystem::is_directory(root))
        all.push_back({.file = root, .text = "found no directory, expected the root of a system"});
    else if (paths.empty())
        all = check_system(root, around);
    for (const std::string& path : paths) {
        const std::vector<Diagnostic> more = check_path(path, around);
        all.insert(all.end(), more.begin(), more.end());
    }
    // Stable: the daemon's messages about a line come before the notes about it.
    std::ranges::stable_sort(all, {},
                             [](const Diagnostic& row) { return std::tie(row.file, row.line); });
    Checked checked{.totals = summary(all), .failed = has_error(all)};
    for (const Diagnostic& diagnostic : all)
        checked.text += to_text(diagnostic) + '\n';
    checked.messages = std::move(all);
    return checked;
}

} // namespace reapd
