// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/state_file.hpp"

#include "base/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>

namespace reapd {

Result<std::optional<std::string>> read_state(const std::string& path) {
    const Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file && errno == ENOENT)
        return std::nullopt;
    if (!file)
        return failed("open");
    std::string text;
    std::array<char, 4096> part{};
    ssize_t got = 0;
    while ((got = ::read(file.get(), part.data(), part.size())) > 0)
        text.append(part.data(), static_cast<std::size_t>(got));
    if (got < 0)
        return failed("read");
    return text;
}

Result<> write_state(const std::string& folder, const std::string& path, const std::string& text) {
    if (::mkdir(folder.c_str(), 0755) < 0 && errno != EEXIST)
        return failed("mkdir");
    const std::string fresh = path + ".new";
    const Fd file{
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644)};
    if (!file)
        return failed("open");
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 || static_cast<std::size_t>(written) != text.size())
        return failed("write", written < 0 ? errno : ENOSPC);
    if (::fsync(file.get()) < 0)
        return failed("fsync");
    if (std::rename(fresh.c_str(), path.c_str()) < 0)
        return failed("rename");
    // The name is in the folder, and of use only if it outlives what follows.
    const Fd directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory || ::fsync(directory.get()) < 0)
        return failed("fsync");
    return {};
}

} // namespace reapd
