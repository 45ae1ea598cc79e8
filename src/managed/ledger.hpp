// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What every connected service manager asks for. Entries change it by cgroup and property; what
/// came over a connection goes with it.

#include "managed/entries.hpp"
#include "managed/managed.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace reapd {

/// Names a connection for as long as the program runs.
using ConnectionId = std::uint64_t;

class Ledger {
public:
    /// Each user may make claims for so many cgroups; user 0 for any number.
    explicit Ledger(std::size_t most_per_user) noexcept : most_per_user_{most_per_user} {}

    /// Puts down what `uid` says over the connection `id`.
    ///
    /// @return how many entries were left out because the user has too many
    std::size_t apply(ConnectionId id, std::uint32_t uid, std::span<const ManagedEntry> entries);

    void forget(ConnectionId id) { connections_.erase(id); }

    /// In the order of the connections, then of the paths.
    std::vector<Claim> claims() const;

private:
    struct Connection {
        std::uint32_t uid = 0;
        std::map<std::string, ManagedUnit> units{}; ///< each asks for something
    };
    std::size_t count(std::uint32_t uid) const noexcept;

    std::size_t most_per_user_;
    std::map<ConnectionId, Connection> connections_{};
};

} // namespace reapd
