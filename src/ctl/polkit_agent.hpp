// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// polkit's agent for terminals, pkttyagent(1): where no agent of a desktop runs, as in a login by
/// ssh, it asks the person at the terminal for the password.

#include <sys/types.h>

namespace reapd {

/// An agent for this process, from construction to destruction.
class PolkitAgent {
public:
    /// Returns when polkit knows the agent, or when there is none.
    explicit PolkitAgent(const char* program = "pkttyagent");
    PolkitAgent(const PolkitAgent&) = delete;
    PolkitAgent& operator=(const PolkitAgent&) = delete;
    ~PolkitAgent();

private:
    pid_t child_ = -1;
};

} // namespace reapd
