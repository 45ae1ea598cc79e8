// SPDX-License-Identifier: LGPL-2.1-or-later

/// Prints what `busctl introspect --xml-interface org.reapd1` would, of /org/reapd1 and of a rule.

#include "tell/bus.hpp"

#include <sys/socket.h>

#include <array>
#include <cstdio>

using namespace reapd;

namespace {

sd::Bus start(int fd, bool is_server) {
    sd_bus* bus = nullptr;
    if (sd_bus_new(&bus) < 0)
        return {};
    sd::Bus owned{bus};
    if (sd_bus_set_fd(bus, fd, fd) < 0 || sd_bus_set_anonymous(bus, 1) < 0 ||
        (is_server && sd_bus_set_server(bus, 1, SD_ID128_NULL) < 0) || sd_bus_start(bus) < 0)
        return {};
    return owned;
}

int print(sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept {
    const char* xml = nullptr;
    if (sd_bus_message_read(reply, "s", &xml) > 0)
        *static_cast<bool*>(userdata) = std::puts(xml) >= 0;
    return 0;
}

} // namespace

int main() {
    std::array<int, 2> fds{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) != 0)
        return 1;
    const sd::Bus server = start(fds[0], true);
    const sd::Bus client = start(fds[1], false);
    Policy policy;
    policy.rules = {{.name = "rule"}};
    Status status;
    status.policy = std::make_shared<const Policy>(policy);
    Journal journal{"/nonexistent/socket"};
    BusFace face{status, journal, {}};
    if (!server || !client || !face.offer(server.get()))
        return 1;

    for (const char* path : {"/org/reapd1", "/org/reapd1/rule/rule"}) {
        bool done = false;
        if (sd_bus_call_method_async(client.get(), nullptr, nullptr, path,
                                     "org.freedesktop.DBus.Introspectable", "Introspect", print,
                                     &done, nullptr) < 0)
            return 1;
        while (sd_bus_process(server.get(), nullptr) > 0 ||
               sd_bus_process(client.get(), nullptr) > 0) {
        }
        if (!done)
            return 1;
    }
    return 0;
}
