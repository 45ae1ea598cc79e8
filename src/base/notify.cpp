// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace reapd {

Result<NotifySocket> NotifySocket::open(const char* path) noexcept {
    NotifySocket notify;
    if (path == nullptr || *path == '\0')
        return notify;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t length = std::strlen(path);
    if (length >= sizeof address.sun_path)
        return failed("connect", ENAMETOOLONG);
    std::memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0';

    Fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket)
        return failed("socket");
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    // The sockets API takes every address family through this one type.
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
        return failed("connect");
    notify.socket_ = std::move(socket);
    return notify;
}

void NotifySocket::send(std::string_view message) const noexcept {
    if (socket_)
        (void)::send(socket_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

} // namespace reapd
