// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Reading and writing kernel files. No allocation, no stdio, no paths: every file
/// is named relative to an open directory, so a cgroup that is removed and created
/// again under the same path is never mistaken for the first one. The directory may
/// be borrowed (a number) or owned (an Fd).

#include "base/fd.hpp"
#include "base/result.hpp"

#include <span>
#include <string_view>

namespace reapd {

/// Reads all of the file `name` in `dir` into `buffer`.
///
/// @return the part of `buffer` that was filled
/// Errors: errno of openat(2) or read(2); ENOENT and ENODEV mean that the cgroup is
///         gone and are part of normal life. EFBIG if the file does not fit.
Result<std::string_view> read_at(int dir, const char* name, std::span<char> buffer) noexcept;

inline Result<std::string_view> read_at(const Fd& dir, const char* name,
                                        std::span<char> buffer) noexcept {
    return read_at(dir.get(), name, buffer);
}

/// Reads all of a file that the kernel writes as one record, as most are of a cgroup: it hands out
/// as much of that as fits, so one call is enough, and what is shorter than the buffer is the
/// whole. From its beginning, however often it was read before.
/// Errors: of pread(2); ENODEV: the cgroup is gone. EFBIG if it does not fit.
Result<std::string_view> read_record(int file, std::span<char> buffer) noexcept;

/// Writes `text` to the file `name` in `dir` with a single write(2), as cgroup
/// control files require.
Result<> write_at(int dir, const char* name, std::string_view text) noexcept;

inline Result<> write_at(const Fd& dir, const char* name, std::string_view text) noexcept {
    return write_at(dir.get(), name, text);
}

} // namespace reapd
