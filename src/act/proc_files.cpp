// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/proc_files.hpp"

#include "base/files.hpp"
#include "base/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace reapd {
namespace {

/// "PID/name", terminated. Ten digits, a slash and the names below fit.
std::array<char, 40> path_of(pid_t pid, std::string_view name) noexcept {
    std::array<char, 40> path{};
    char* const end = std::to_chars(path.data(), path.data() + 12, pid).ptr;
    *end = '/';
    std::ranges::copy(name, end + 1);
    return path;
}

/// Four kilobytes hold /proc/PID/stat with any name.
using Text = std::array<char, 4096>;

std::string_view read_text(const Fd& proc, pid_t pid, std::string_view name, Text& text) noexcept {
    const Result<std::string_view> read = read_at(proc, path_of(pid, name).data(), text);
    return read ? *read : std::string_view{};
}

/// PF_FORKNOEXEC of include/linux/sched.h, in the ninth field of /proc/PID/stat.
constexpr std::uint64_t forked_only = 0x40;

struct Sizes {
    Bytes resident{};
    Bytes shared{};
};

Sizes read_sizes(const Fd& proc, pid_t pid) noexcept {
    Text text;
    Reader in{read_text(proc, pid, "statm", text)};
    in.number();
    in.literal(" ");
    const std::uint64_t resident = in.number();
    in.literal(" ");
    const std::uint64_t shared = in.number();
    if (!in.ok())
        return {};
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return {.resident = {resident * page}, .shared = {shared * page}};
}

} // namespace

Bytes read_private_memory(const Fd& proc, pid_t pid) noexcept {
    const auto [resident, shared] = read_sizes(proc, pid);
    return resident - shared;
}

Bytes read_resident_memory(const Fd& proc, pid_t pid) noexcept {
    return read_sizes(proc, pid).resident;
}

std::optional<bool> read_unkillable(const Fd& proc, pid_t pid) noexcept {
    Text text;
    const std::string_view adjustment = read_text(proc, pid, "oom_score_adj", text);
    if (adjustment.empty())
        return std::nullopt;
    return adjustment.starts_with("-1000");
}

std::optional<ProcessStat> read_stat(const Fd& proc, pid_t pid) noexcept {
    Text text;
    std::string_view stat = read_text(proc, pid, "stat", text);
    // The name in parentheses may hold any byte, so fields count from the last parenthesis.
    stat.remove_prefix(std::min(stat.rfind(')'), stat.size()));
    if (stat.size() < 4)
        return std::nullopt;
    const char state = stat[2];
    stat.remove_prefix(4); // ") S "
    Reader in{stat};
    const auto parent = static_cast<pid_t>(in.number());
    in.literal(" ");
    for (int other = 0; other < 4; ++other) // group, session, terminal and its group
        in.until(' ');
    const std::uint64_t flags = in.number();
    if (!in.ok())
        return std::nullopt;
    return ProcessStat{.state = state, .parent = parent, .ran_program = (flags & forked_only) == 0};
}

Fd open_tasks(const Fd& proc, pid_t pid) noexcept {
    return Fd{
        ::openat(proc.get(), path_of(pid, "task").data(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

} // namespace reapd
