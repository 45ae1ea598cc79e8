// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace reapd {
namespace {

/// One record of getdents64(2). The name may be longer than the 255 bytes of struct dirent64.
struct Record {
    std::uint64_t inode = 0;
    std::uint16_t length = 0;
    unsigned char type = DT_UNKNOWN;
    const char* name = nullptr;
};

Record take_record(const char* at) noexcept {
    Record record;
    std::memcpy(&record.inode, at + offsetof(dirent64, d_ino), sizeof(record.inode));
    std::memcpy(&record.length, at + offsetof(dirent64, d_reclen), sizeof(record.length));
    std::memcpy(&record.type, at + offsetof(dirent64, d_type), sizeof(record.type));
    record.name = at + offsetof(dirent64, d_name);
    return record;
}

} // namespace

Result<OpenDirectory> open_below(int parent, const char* name) noexcept {
    // Not openat2(2), which RestrictSUIDSGID= of systemd forbids: a filter cannot look into its
    // argument. For one component O_NOFOLLOW and the device number say the same.
    OpenDirectory opened{
        .dir = Fd{::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)}};
    if (!opened.dir)
        return failed("openat");
    struct stat above{};
    struct stat status{};
    if (::fstat(parent, &above) < 0 || ::fstat(opened.dir.get(), &status) < 0)
        return failed("fstat");
    if (status.st_dev != above.st_dev)
        return failed("openat", EXDEV);
    opened.inode = status.st_ino;
    return opened;
}

Result<std::vector<DirectoryEntry>> list_directories(int dir, std::span<char> buffer) {
    // Not `dir` itself: who else holds it shares its position.
    const Fd listing{::openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!listing)
        return failed("openat");
    std::vector<DirectoryEntry> entries;
    for (;;) {
        const long filled = ::syscall(SYS_getdents64, listing.get(), buffer.data(), buffer.size());
        if (filled < 0)
            return failed("getdents64");
        if (filled == 0)
            return entries;
        for (long at = 0; at < filled;) {
            const Record record = take_record(buffer.data() + at);
            at += record.length;
            const std::string_view name{record.name};
            if ((record.type == DT_DIR || record.type == DT_UNKNOWN) && name != "." && name != "..")
                entries.push_back({.name = std::string{name}, .inode = record.inode});
        }
    }
}

Result<int> watch_directory(int inotify, int dir) noexcept {
    char path[32] = "/proc/self/fd/";
    const std::size_t prefix = std::strlen(path);
    std::to_chars(path + prefix, path + sizeof(path) - 1, dir);
    // A cgroup cannot be renamed, and IN_DELETE_SELF does not come while we hold the directory.
    const int watch =
        ::inotify_add_watch(inotify, path, IN_CREATE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR);
    if (watch < 0)
        return failed("inotify_add_watch");
    return watch;
}

} // namespace reapd
