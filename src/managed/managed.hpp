// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What units ask of an out-of-memory daemon with ManagedOOMSwap=, ManagedOOMMemoryPressure= and
/// their like (systemd.resource-control(5)), whoever tells it: the system's manager over D-Bus,
/// the users' over the socket of io.systemd.ManagedOOM.

#include "base/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reapd {

/// Of one unit; only what differs from "auto" and the defaults is set.
struct ManagedUnit {
    bool swap = false;                      ///< ManagedOOMSwap=kill
    bool pressure = false;                  ///< ManagedOOMMemoryPressure=kill
    std::optional<Permyriad> limit{};       ///< unset: DefaultMemoryPressureLimit=
    std::optional<Microseconds> duration{}; ///< unset: DefaultMemoryPressureDurationSec=
    std::vector<std::string> rules{};       ///< OOMRules= (systemd 261)

    /// Whether it asks for anything.
    bool asks() const noexcept { return swap || pressure || !rules.empty(); }
    bool operator==(const ManagedUnit&) const = default;
};

/// What somebody asks for the cgroup at `path`. It counts if the directory there belongs to `uid`;
/// the word of uid 0 counts everywhere.
struct Claim {
    std::uint32_t uid = 0;
    std::string path{}; ///< from the hierarchy's root, no leading slash; "" is the root
    ManagedUnit unit{};
    bool operator==(const Claim&) const = default;
};

/// Managers write a pressure limit as a share of the largest 32-bit number, systemd-oomd and they
/// keep four digits of it.
constexpr Permyriad from_scale(std::uint32_t scale) noexcept {
    constexpr std::uint64_t whole = 0xffffffff;
    return Permyriad{
        static_cast<std::uint32_t>((scale * std::uint64_t{10000} + whole / 2) / whole)};
}

} // namespace reapd
