// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Events as the guard posts them, for the tests of everything that tells them.

#include "base/escape.hpp"
#include "tell/report.hpp"

#include <string>
#include <utility>

namespace reapd {

/// Names by id: 1 is the root, 2 a service, 3 a cgroup with the worst name there is.
inline std::string name_of(CgroupId id) {
    switch (id.value) {
    case 1:
        return "/";
    case 2:
        return "/system.slice/hog.service";
    case 3:
        return escape("/user.slice/\xff\n\x1b[31m \"};");
    default:
        return "cgroup " + std::to_string(id.value);
    }
}

inline Event kill_event(EventKind kind, CgroupId victim = {2}) {
    using namespace std::chrono_literals;
    Event event{.kind = kind, .action = 7, .watched = {1}, .victim = victim};
    event.pressure = 3120;
    event.window = 1s;
    event.memory = MemInfo{.total = mib(4096), .available = mib(256)};
    event.promise = mib(800);
    event.ranking_used = 2;
    event.ranking[0] = {.cgroup = victim,
                        .current = mib(900),
                        .promise = mib(800),
                        .growth = -5,
                        .growth_known = true};
    event.ranking[1] = {.cgroup = {3}, .pid = 42, .exempt = true};
    event.candidates = 2;
    if (kind == EventKind::Completed) {
        event.released = mib(790);
        event.until_half = 30ms;
        event.until_released = 80ms;
        event.pressure_after = 12;
        event.kill = {.processes = 3, .until_signal = 400us, .released = 2, .esrch = 1};
    }
    if (kind == EventKind::Stuck)
        event.stuck = StuckReason::AllProtected;
    return event;
}

/// The beginning or the end of an episode of hints.
inline Event cooling_event(EventKind kind, Action means = Action::Hint) {
    using namespace std::chrono_literals;
    Event event = kill_event(kind);
    event.kill = {};
    event.until_half = event.until_released = {};
    event.means = means;
    event.promise = mib(256);
    if (kind == EventKind::Completed) {
        event.released = mib(412);
        event.cooled = {
            .rounds = 3, .moved = mib(412), .back = mib(5), .stalled = 3ms, .processes = 4};
    }
    return event;
}

} // namespace reapd
