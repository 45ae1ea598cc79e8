// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The memory mappings of a process, read from /proc/PID/maps piece by piece. Only what a hint can
/// be about: what other processes share is theirs, too, and what the kernel itself put there is
/// nobody's.

#include "base/fd.hpp"
#include "base/result.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace reapd {

enum class MappingKind : std::uint8_t {
    Anonymous, ///< private: heap, stacks, and what malloc took
    File,      ///< private mapping of a file
    Other,     ///< shared, of the kernel, or without any access: address space that is kept free
};

struct Mapping {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    MappingKind kind = MappingKind::Other;

    bool operator==(const Mapping&) const = default;
};

/// One line without its newline. Errors: EBADMSG.
/// Source: proc_pid_maps(5).
Result<Mapping> parse_mapping(std::string_view line) noexcept;

class MappingsReader {
public:
    /// Opens the file; `buffer` holds a piece of it at a time, and must hold the longest line
    /// (some 4.3 kB).
    MappingsReader(const Fd& proc, pid_t pid, std::span<char> buffer) noexcept;

    /// Nothing at the end or after an error.
    std::optional<Mapping> next() noexcept;

    /// 0, or errno of openat(2) or read(2). ENOENT, ESRCH: the process is gone. EACCES, EPERM:
    /// its mappings are not for us. EBADMSG: not the format that we know.
    int error() const noexcept { return error_; }

private:
    bool refill() noexcept;

    Fd file_;
    std::span<char> buffer_;
    std::string_view rest_{}; ///< what was read and not yet given out
    bool ended_ = false;
    int error_ = 0;
};

} // namespace reapd
