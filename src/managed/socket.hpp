// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The socket where users' service managers report ManagedOOM* of their units: varlink interface
/// io.systemd.oom, of which we serve ReportManagedOOMCGroups and the introspection.
///
/// Anybody may connect, so everything is bounded, and no peer can keep the loop from its other
/// work: its sources come after all of normal priority. Without a message nothing runs.

#include "base/fd.hpp"
#include "base/result.hpp"
#include "managed/managed.hpp"

#include <systemd/sd-event.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reapd {

struct SocketLimits {
    std::size_t message = 32U << 10;      ///< bytes; a report of an entry has some 200
    std::size_t connections = 512;        ///< of all users but 0 together
    std::size_t connections_per_user = 8; ///< and of all who are not in their user's slice
    std::size_t connections_of_root = 64;
    std::size_t claims_per_user = 32; ///< cgroups; user 0 may name any number
};

class ManagedSocket {
public:
    /// `changed` is called from the loop after what claims() says has changed, some time after:
    /// of many changes in a row the last counts. `complain` is called with a sentence about a peer
    /// that was refused or not understood, at most once per user and reason.
    ManagedSocket(sd_event* loop, std::function<void()> changed,
                  std::function<void(const std::string&)> complain, SocketLimits limits = {});
    ManagedSocket(const ManagedSocket&) = delete;
    ManagedSocket& operator=(const ManagedSocket&) = delete;
    ~ManagedSocket();

    /// Serves listening stream sockets (from sd_listen_fds(3)). Call it once.
    /// Errors: of fcntl(2), sd_event_add_io(3) and sd_event_add_time(3).
    Result<> listen(std::vector<Fd> listeners) noexcept;

    /// What all connected managers ask for now. What one asked goes when its connection does.
    std::vector<Claim> claims() const;

private:
    class Server;
    std::unique_ptr<Server> server_;
};

} // namespace reapd
