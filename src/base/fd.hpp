// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Ownership of a file descriptor.

#include <unistd.h>

#include <utility>

namespace reapd {

/// Closes a file descriptor when it goes out of scope. Empty or owning, never copied.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) noexcept : fd_{fd} {}
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    Fd(Fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    Fd& operator=(Fd&& other) noexcept {
        const Fd old{std::exchange(fd_, std::exchange(other.fd_, -1))};
        return *this;
    }
    ~Fd() {
        // Linux releases the descriptor even when close() fails with EINTR, so a
        // retry could close a descriptor somebody else has just been given.
        if (fd_ >= 0)
            ::close(fd_);
    }

    explicit operator bool() const noexcept { return fd_ >= 0; }
    int get() const noexcept { return fd_; }

    /// Whoever calls this closes it.
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

} // namespace reapd
