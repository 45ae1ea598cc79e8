// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/files.hpp"

#include <fcntl.h>

namespace reapd {

Result<std::string_view> read_at(int dir, const char* name, std::span<char> buffer) noexcept {
    const Fd file{::openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!file)
        return failed("openat");

    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const ssize_t n = ::read(file.get(), buffer.data() + filled, buffer.size() - filled);
        if (n < 0)
            return failed("read");
        if (n == 0)
            return std::string_view{buffer.data(), filled};
        filled += static_cast<std::size_t>(n);
    }
    return failed("read", EFBIG);
}

Result<std::string_view> read_record(int file, std::span<char> buffer) noexcept {
    const ssize_t n = ::pread(file, buffer.data(), buffer.size(), 0);
    if (n < 0)
        return failed("pread");
    if (static_cast<std::size_t>(n) == buffer.size())
        return failed("pread", EFBIG);
    return std::string_view{buffer.data(), static_cast<std::size_t>(n)};
}

Result<> write_at(int dir, const char* name, std::string_view text) noexcept {
    const Fd file{::openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!file)
        return failed("openat");
    const ssize_t n = ::write(file.get(), text.data(), text.size());
    if (n < 0)
        return failed("write");
    if (static_cast<std::size_t>(n) != text.size())
        return failed("write", EIO);
    return {};
}

} // namespace reapd
