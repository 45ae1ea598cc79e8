// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Datagrams to a socket in the file system that never wait for whoever should read them.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace reapd {

/// Sends `bytes`, in a sealed file if they are too many for a datagram. With `sender` it comes
/// from that user, which takes CAP_SETUID unless it is who we are.
/// @return 0 or errno; EAGAIN: nobody reads
int send_datagram(int socket, const std::string& path, std::string_view bytes,
                  std::optional<uid_t> sender = {}) noexcept;

} // namespace reapd
