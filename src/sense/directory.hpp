// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Directories of a hierarchy whose names are anybody's: opened relative to each other, never by
/// a path, never through a link or a mount.

#include "base/fd.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace reapd {

struct OpenDirectory {
    Fd dir{};
    std::uint64_t inode = 0;
};

/// `name` is one component, as list_directories() finds it.
/// Errors: errno of openat(2) or fstat(2); EXDEV: something else is mounted there.
Result<OpenDirectory> open_below(int parent, const char* name) noexcept;

struct DirectoryEntry {
    std::string name{}; ///< up to 4095 bytes in a cgroup hierarchy
    std::uint64_t inode = 0;
};

/// The directories in `dir`, without "." and "..". `buffer` is scratch space, at least 8 KiB and
/// aligned for std::uint64_t. What comes or goes meanwhile may be in it or not.
/// Errors: errno of openat(2) or getdents64(2).
Result<std::vector<DirectoryEntry>> list_directories(int dir, std::span<char> buffer);

/// Adds `dir` to an inotify descriptor: directories that come and go in it, and its attributes. By
/// descriptor, so that neither depth nor name matters; needs /proc. Errors: errno of
/// inotify_add_watch(2).
Result<int> watch_directory(int inotify, int dir) noexcept;

} // namespace reapd
