// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/journal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace reapd {
namespace {

sockaddr_un address_of(const std::string& path) noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

/// One datagram that never waits: `bytes`, or `attached` instead of them.
/// @return 0 or errno
int send_datagram(int socket, const std::string& path, std::string_view bytes,
                  int attached = -1) noexcept {
    sockaddr_un address = address_of(path);
    // sendmsg() does not write through it; the struct is shared with recvmsg().
    iovec part{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};

    msghdr message{};
    message.msg_name = &address;
    message.msg_namelen = sizeof address;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (attached >= 0) {
        message.msg_iovlen = 0;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &attached, sizeof attached);
    }
    return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

/// An entry too large for a datagram travels in a memfd. Sealed: journald refuses a file that
/// could change under its eyes.
int send_memfd(int socket, const std::string& path, std::string_view bytes) noexcept {
    const Fd file{::memfd_create("reapd-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!file)
        return errno;
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 || static_cast<std::size_t>(written) != bytes.size())
        return EIO;
    constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (::fcntl(file.get(), F_ADD_SEALS, seals) < 0)
        return errno;
    return send_datagram(socket, path, {}, file.get());
}

/// One line to standard error, unless that would wait: it may be a terminal, a pipe that nobody
/// reads, or a socket of the journal.
bool write_line(std::string_view line) noexcept {
    if (::send(STDERR_FILENO, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return true;
    if (errno != ENOTSOCK)
        return false;
    pollfd waiting{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, 0) != 1 || waiting.revents != POLLOUT)
        return false;
    // A writable pipe takes PIPE_BUF bytes at once; more might wait.
    constexpr std::size_t pipe_buf = 4096;
    return ::write(STDERR_FILENO, line.data(), std::min(line.size(), pipe_buf)) >= 0;
}

bool write_console(const Entry& entry) noexcept {
    std::string line = "<" + std::to_string(entry.priority()) + ">";
    line += entry.message();
    std::ranges::replace(line, '\n', ' ');
    line += '\n';
    return write_line(line);
}

} // namespace

Entry::Entry(int priority, std::string_view message) : message_{message}, priority_{priority} {
    add("MESSAGE", message);
    add("PRIORITY", static_cast<std::uint64_t>(priority));
    add("SYSLOG_IDENTIFIER", "reapd");
}

Entry& Entry::add(std::string_view name, std::string_view value) {
    wire_ += name;
    if (value.find('\n') == std::string_view::npos) {
        wire_ += '=';
    } else {
        // The protocol wants 64 bits, little-endian, between name and value.
        wire_ += '\n';
        std::uint64_t left = value.size();
        for (int i = 0; i < 8; ++i, left >>= 8)
            wire_ += static_cast<char>(left & 0xff);
    }
    wire_ += value;
    wire_ += '\n';
    return *this;
}

Entry& Entry::add(std::string_view name, std::uint64_t value) {
    return add(name, std::to_string(value));
}

Journal::Journal(std::string path)
    : path_{std::move(path)},
      socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {}

void Journal::send(const Entry& entry) noexcept {
    if (entry.priority() > level_)
        return;

    int error = ENOENT;
    if (!to_console_) {
        error = send_datagram(socket_.get(), path_, entry.wire());
        if (error == EMSGSIZE)
            error = send_memfd(socket_.get(), path_, entry.wire());
    }
    if (error == 0)
        return;

    // EAGAIN: journald lives but does not read. The entry is lost for the journal; standard
    // error usually leads to the same journald, so there is no second try.
    if (error == EAGAIN || error == ENOBUFS || !write_console(entry))
        ++dropped_;
}

} // namespace reapd
