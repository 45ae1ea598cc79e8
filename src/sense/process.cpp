// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/process.hpp"

#include "base/fd.hpp"
#include "base/files.hpp"

#include <fcntl.h>
#include <sys/syscall.h>

#include <charconv>
#include <cstddef>
#include <cstring>

namespace reapd {
namespace {

// /proc/PID/stat has 52 numbers at most.
constexpr std::size_t stat_size = 2048;
// Of /proc/PID/status the end counts: VmSwap and what follows it are some 2 KB.
constexpr std::size_t status_size = 8192;
// More threads than this are not asked for the memory of a process whose main thread is gone:
// those that live all show the same.
constexpr int threads_asked = 16;

Fd open_directory(int dir, const char* name) noexcept {
    return Fd{::openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

/// The end of a file: whole lines, as many as fit. The "Groups:" line in front of what we want
/// can be 700 KB long, and its length is up to the process.
Result<std::string_view> read_end(int dir, const char* name, std::span<char> buffer) noexcept {
    const Fd file{::openat(dir, name, O_RDONLY | O_CLOEXEC)};
    if (!file)
        return failed("openat");
    std::size_t filled = 0;
    bool cut = false;
    for (;;) {
        if (filled == buffer.size()) {
            filled /= 2;
            std::memcpy(buffer.data(), buffer.data() + filled, filled);
            cut = true;
        }
        const ssize_t n = ::read(file.get(), buffer.data() + filled, buffer.size() - filled);
        if (n < 0)
            return failed("read");
        if (n == 0)
            break;
        filled += static_cast<std::size_t>(n);
    }
    std::string_view text{buffer.data(), filled};
    if (cut)
        text.remove_prefix(std::min(text.find('\n'), filled - 1) + 1);
    return text;
}

Result<Bytes> read_memory(int dir) noexcept {
    char buffer[status_size];
    const auto text = read_end(dir, "status", buffer);
    if (!text)
        return std::unexpected(text.error());
    return parse_process_memory(*text);
}

/// The memory as a thread other than the main one shows it.
Bytes read_memory_of_threads(int process) noexcept {
    const Fd tasks = open_directory(process, "task");
    alignas(8) char buffer[1024];
    const long filled = ::syscall(SYS_getdents64, tasks.get(), buffer, sizeof(buffer));
    int asked = 0;
    for (long at = 0; at < filled && asked < threads_asked; ++asked) {
        std::uint16_t length = 0;
        std::memcpy(&length, buffer + at + 16, sizeof(length));
        const char* const name = buffer + at + 19;
        at += length;
        if (*name == '.')
            continue;
        const Fd thread = open_directory(tasks.get(), name);
        if (const auto memory = read_memory(thread.get()); memory && memory->value > 0)
            return *memory;
    }
    return {};
}

Result<bool> read_unkillable(int dir) noexcept {
    char buffer[32];
    const auto text = read_at(dir, "oom_score_adj", buffer);
    if (!text)
        return std::unexpected(text.error());
    return *text == "-1000\n";
}

} // namespace

Result<ProcessSample> read_process(int proc, pid_t pid) noexcept {
    char name[16] = {};
    std::to_chars(name, name + sizeof(name) - 1, pid);
    const Fd dir = open_directory(proc, name);
    if (!dir)
        return failed("openat");

    char buffer[stat_size];
    const auto text = read_at(dir, "stat", buffer);
    if (!text)
        return std::unexpected(text.error());
    auto process = parse_process_stat(*text);
    if (!process)
        return process;

    const auto memory = read_memory(dir.get());
    if (!memory)
        return std::unexpected(memory.error());
    process->memory = memory->value > 0 ? *memory : read_memory_of_threads(dir.get());

    const auto unkillable = read_unkillable(dir.get());
    if (!unkillable)
        return std::unexpected(unkillable.error());
    process->unkillable = *unkillable;
    return process;
}

} // namespace reapd
