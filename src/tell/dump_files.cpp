// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/dump_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <string_view>

namespace reapd {
namespace {

/// Not sealed, for we take its content back one day. So nobody else may open it for writing: the
/// kernel gives memfds mode 0777 (mm/shmem.c), and /proc/self/fd leads to them.
Fd written(std::string_view text) {
    Fd file{::memfd_create("reapd-dump", MFD_CLOEXEC)};
    if (!file || ::fchmod(file.get(), S_IRUSR | S_IRGRP | S_IROTH) < 0)
        return Fd{};
    while (!text.empty()) {
        const ssize_t written = ::write(file.get(), text.data(), text.size());
        if (written <= 0)
            return Fd{};
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return file;
}

/// Opened anew, so that each reader has a position of its own and none can write.
Fd to_read(const Fd& file) {
    const std::string path = fmt::format("/proc/self/fd/{}", file.get());
    return Fd{file ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC) : -1};
}

} // namespace

Fd DumpFiles::file_with(std::string text) {
    if (text != text_ || !files_[newest_]) {
        newest_ = (newest_ + 1) % kept;
        Fd& place = files_[newest_];
        if (place && ::ftruncate(place.get(), 0) < 0)
            return Fd{};
        place = written(text);
        text_ = std::move(text);
    }
    return to_read(files_[newest_]);
}

} // namespace reapd
