// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The socket where users' service managers report ManagedOOM* of their units: varlink interface
/// io.systemd.oom, of which we serve ReportManagedOOMCGroups and the introspection.

#include "base/fd.hpp"
#include "base/result.hpp"
#include "managed/managed.hpp"

#include <systemd/sd-event.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reapd {

class ManagedSocket {
public:
    /// `changed` is called from the loop after what claims() says has changed; `complain` with a
    /// sentence about a peer that was refused, at most once per peer and reason.
    ManagedSocket(sd_event* loop, std::function<void()> changed,
                  std::function<void(const std::string&)> complain);
    ~ManagedSocket();

    /// Serves listening stream sockets (from sd_listen_fds(3)).
    /// Errors: of sd_event_add_io(3).
    Result<> listen(std::vector<Fd> listeners) noexcept;

    /// What all connected managers ask for now. What one asked goes when its connection does.
    std::vector<Claim> claims() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace reapd
