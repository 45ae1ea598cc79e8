// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Two ends of a socket that speak D-Bus to each other: no bus daemon, no privileges and no
/// waiting.

#include "base/sd.hpp"
#include "catch.hpp"

#include <sys/socket.h>

#include <array>

namespace reapd {

class Peers {
public:
    Peers() {
        std::array<int, 2> fds{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) ==
                0);
        server = start(fds[0], true);
        client = start(fds[1], false);
    }

    /// Runs both ends until neither has anything left to do.
    void pump() const {
        while (sd_bus_process(server.get(), nullptr) > 0 ||
               sd_bus_process(client.get(), nullptr) > 0) {
        }
    }

    /// Sends the call and returns the answer, which may be an error.
    sd::BusMessage ask(sd::BusMessage call) const {
        sd::BusMessage answer;
        // Not REQUIRE inside: it would throw through libsystemd.
        const auto keep = [](sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept -> int {
            static_cast<sd::BusMessage*>(userdata)->reset(sd_bus_message_ref(reply));
            return 0;
        };
        sd_bus_slot* slot = nullptr;
        REQUIRE(sd_bus_call_async(client.get(), &slot, call.get(), keep, &answer, 0) >= 0);
        const sd::BusSlot pending{slot};
        pump();
        REQUIRE(answer);
        return answer;
    }

    /// A call without arguments; add them before ask().
    sd::BusMessage call(const char* path, const char* interface, const char* member) const {
        sd_bus_message* message = nullptr;
        REQUIRE(sd_bus_message_new_method_call(client.get(), &message, nullptr, path, interface,
                                               member) >= 0);
        return sd::BusMessage{message};
    }

    sd::Bus server{};
    sd::Bus client{};

private:
    static sd::Bus start(int fd, bool is_server) {
        sd_bus* bus = nullptr;
        REQUIRE(sd_bus_new(&bus) >= 0);
        sd::Bus owned{bus};
        REQUIRE(sd_bus_set_fd(bus, fd, fd) >= 0);
        if (is_server)
            REQUIRE(sd_bus_set_server(bus, true, SD_ID128_NULL) >= 0);
        REQUIRE(sd_bus_set_anonymous(bus, true) >= 0);
        REQUIRE(sd_bus_start(bus) >= 0);
        return owned;
    }
};

} // namespace reapd
