// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/datagram.hpp"

#include "base/fd.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace reapd {
namespace {

sockaddr_un address_of(const std::string& path) noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

/// What travels beside the bytes: room for a descriptor and for credentials.
class Ancillary {
public:
    template <typename T>
    void add(int type, const T& value) noexcept {
        cmsghdr header{};
        header.cmsg_level = SOL_SOCKET;
        header.cmsg_type = type;
        header.cmsg_len = CMSG_LEN(sizeof value);
        std::memcpy(&bytes_[used_], &header, sizeof header);
        std::memcpy(&bytes_[used_ + CMSG_LEN(0)], &value, sizeof value);
        used_ += CMSG_SPACE(sizeof value);
    }
    void attach_to(msghdr& message) noexcept {
        message.msg_control = used_ > 0 ? bytes_.data() : nullptr;
        message.msg_controllen = used_;
    }

private:
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(ucred))> bytes_{};
    std::size_t used_ = 0;
};

/// Bytes, or a file instead of them.
struct Content {
    std::string_view bytes{};
    int file = -1;
};

int send_once(int socket, const std::string& path, Content content,
              std::optional<uid_t> sender) noexcept {
    sockaddr_un address = address_of(path);
    // sendmsg() does not write through it; the struct is shared with recvmsg().
    iovec part{.iov_base = const_cast<char*>(content.bytes.data()),
               .iov_len = content.bytes.size()};
    Ancillary ancillary;
    if (content.file >= 0)
        ancillary.add(SCM_RIGHTS, content.file);
    if (sender)
        ancillary.add(SCM_CREDENTIALS,
                      ucred{.pid = ::getpid(), .uid = *sender, .gid = ::getegid()});

    msghdr message{};
    message.msg_name = &address;
    message.msg_namelen = sizeof address;
    message.msg_iov = &part;
    message.msg_iovlen = content.file >= 0 ? 0 : 1;
    ancillary.attach_to(message);
    return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

/// Sealed: journald refuses a file that could change under its eyes.
int send_file(int socket, const std::string& path, std::string_view bytes,
              std::optional<uid_t> sender) noexcept {
    const Fd file{::memfd_create("reapd-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!file)
        return errno;
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 || static_cast<std::size_t>(written) != bytes.size())
        return EIO;
    constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (::fcntl(file.get(), F_ADD_SEALS, seals) < 0)
        return errno;
    return send_once(socket, path, {.file = file.get()}, sender);
}

} // namespace

int send_datagram(int socket, const std::string& path, std::string_view bytes,
                  std::optional<uid_t> sender) noexcept {
    const int error = send_once(socket, path, {.bytes = bytes}, sender);
    return error == EMSGSIZE ? send_file(socket, path, bytes, sender) : error;
}

} // namespace reapd
