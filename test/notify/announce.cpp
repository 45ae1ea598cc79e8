// SPDX-License-Identifier: LGPL-2.1-or-later
// Usage: announce CGROUP
//
// Takes the name org.reapd1 on the bus of DBUS_SYSTEM_BUS_ADDRESS and says, as reapd does and with
// reapd's own code, that a kill was done there and what it gave. Then it waits to be ended.
#include "tell/bus.hpp"
#include "tell/report.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

using namespace reapd;

int main(int argc, char** argv) {
    if (argc != 2)
        return 2;
    sd_bus* opened = nullptr;
    if (sd_bus_open_system(&opened) < 0)
        return 1;
    const sd::Bus bus{opened};
    Status status;
    Journal journal{"/nonexistent"};
    BusFace face{status, journal, {}};
    if (!face.offer(opened) || sd_bus_request_name(opened, "org.reapd1", 0) < 0)
        return 1;

    const Rule rule{.name = "10-machine"};
    const std::string cgroup = argv[1];
    const auto name_of = [&](CgroupId id) { return id.value == 1 ? "/" : cgroup; };
    Event event{.kind = EventKind::Acted, .action = 1, .watched = {1}, .victim = {2}};
    event.pressure = 3120;
    event.window = std::chrono::seconds{1};
    event.promise = mib(800);
    face.announce({.event = event, .rule = &rule, .name_of = name_of});
    event.kind = EventKind::Completed;
    event.released = mib(790);
    face.announce({.event = event, .rule = &rule, .name_of = name_of});
    sd_bus_flush(opened);
    std::puts("announced");
    std::fflush(stdout);
    ::pause();
}
