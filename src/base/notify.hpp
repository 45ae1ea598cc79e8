// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Messages to the service manager (sd_notify(3)) that never wait: sd_notify() itself blocks when
/// the manager does not read, and then the guard would too.

#include "base/fd.hpp"
#include "base/result.hpp"

#include <string_view>

namespace reapd {

class NotifySocket {
public:
    /// Connects to `path` ($NOTIFY_SOCKET; a leading '@' means the abstract namespace). Without a
    /// path every message is dropped, as when started by hand.
    /// Errors: of socket(2) and connect(2).
    static Result<NotifySocket> open(const char* path) noexcept;

    /// Sends one message, such as "READY=1\nSTATUS=…"; lost when the manager's queue is full.
    void send(std::string_view message) const noexcept;

private:
    Fd socket_{};
};

} // namespace reapd
