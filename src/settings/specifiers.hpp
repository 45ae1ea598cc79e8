// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The specifiers of systemd.unit(5) that say where we run: %H, %l, %m, %b, %v and %%. With them
/// one set of rules serves many machines whose units are called after them.

#include "settings/values.hpp"

namespace reapd {

/// What the specifiers stand for; empty where the system does not say.
struct Host {
    std::string name{};       ///< %H, and up to the first dot %l
    std::string machine_id{}; ///< %m
    std::string boot_id{};    ///< %b, without dashes as systemd writes it
    std::string kernel{};     ///< %v, as uname -r
};

/// The one we run on. In the daemon its name is that of the daemon's start: with ProtectHostname=
/// no later one is seen.
Host this_host();

/// `text` with its specifiers replaced.
Parsed<std::string> expand_specifiers(std::string_view text, const Host& host);

} // namespace reapd
