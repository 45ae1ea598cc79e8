// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/procs.hpp"

#include "base/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace reapd {

ProcsReader::ProcsReader(int dir, std::span<char> buffer) noexcept
    : file_{::openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)}, buffer_{buffer},
      error_{file_ ? 0 : errno} {}

bool ProcsReader::refill() noexcept {
    if (error_ != 0)
        return false;
    const ssize_t n = ::read(file_.get(), buffer_.data(), buffer_.size());
    error_ = n < 0 ? errno : 0;
    filled_ = n < 0 ? 0 : static_cast<std::size_t>(n);
    at_ = 0;
    return filled_ > 0;
}

pid_t ProcsReader::next() noexcept {
    while (at_ < filled_ || refill()) {
        const char c = buffer_[at_++];
        if (c >= '0' && c <= '9')
            number_ = number_ * 10 + static_cast<std::uint32_t>(c - '0');
        else if (const auto pid = static_cast<pid_t>(std::exchange(number_, 0)); pid > 0)
            return pid;
    }
    return 0;
}

void ProcsReader::rewind() noexcept {
    at_ = filled_ = 0;
    number_ = 0;
    if (error_ == 0 && ::lseek(file_.get(), 0, SEEK_SET) != 0)
        error_ = errno;
}

std::optional<bool> read_populated(const Fd& dir) noexcept {
    std::array<char, 256> text;
    const Result<std::string_view> events = read_at(dir, "cgroup.events", text);
    if (!events)
        return std::nullopt;
    return events->find("populated 1") != std::string_view::npos;
}

} // namespace reapd
