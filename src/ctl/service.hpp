// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Calls to the daemon over D-Bus. They never start it: a look must not change what is looked at.

#include "base/sd.hpp"

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

/// Exit statuses: of sysexits.h, but for the one of wrong arguments, which is that of GNU tools.
constexpr int usage_error = 2;
constexpr int daemon_not_reachable = 69;
constexpr int not_permitted = 77;

/// "WHAT: the error's words".
std::unexpected<Failure> refused(const char* what, int error);

/// The system bus, or that of a running container.
std::expected<sd::Bus, Failure> connect_to_bus(const std::string& machine = {});

/// The daemon at the other end of a bus.
struct Service {
    sd_bus* bus = nullptr;
    const char* name = "org.reapd1"; ///< nullptr on a connection without a bus daemon, as in tests
};

constexpr const char* reapd_path = "/org/reapd1";
constexpr const char* reapd_interface = "org.reapd1.Manager";

/// An empty call of a member on the manager's object.
std::expected<sd::BusMessage, Failure> new_call(const Service& service, const char* interface,
                                                const char* member);

/// Sends it and waits for the answer.
std::expected<sd::BusMessage, Failure> ask(const Service& service, const sd::BusMessage& call);

/// A call of the manager with these arguments, as sd_bus_message_append(3) takes them.
template <class... Arguments>
std::expected<sd::BusMessage, Failure> call_manager(const Service& service, const char* member,
                                                    const char* types, Arguments... arguments) {
    auto call = new_call(service, reapd_interface, member);
    if (!call)
        return call;
    if constexpr (sizeof...(arguments) > 0)
        if (const int r = sd_bus_message_append(call->get(), types, arguments...); r < 0)
            return refused("The call to reapd could not be made", r);
    return ask(service, *call);
}

} // namespace reapd
