// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Asking the daemon over D-Bus. Only reads, and never starts it: a look must not change what is
/// looked at.

#include "base/sd.hpp"
#include "ctl/view.hpp"

#include <expected>
#include <string>

namespace reapd {

/// Why there is no answer, as a sentence, and the exit status that says it to scripts.
struct Failure {
    int status = 1;
    std::string text{};
};

inline std::unexpected<Failure> failure(std::string text) {
    return std::unexpected(Failure{.text = std::move(text)});
}

/// EX_UNAVAILABLE of sysexits.h.
constexpr int daemon_not_reachable = 69;

std::expected<sd::Bus, Failure> connect_to_bus();

/// `service` is nullptr on a connection without a bus daemon, as in tests.
std::expected<View, Failure> ask_daemon(sd_bus* bus, const char* service = "org.reapd1");

} // namespace reapd
