// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus_call.hpp"
#include "tell/bus_state.hpp"
#include "tell/bus_writer.hpp"

#include <algorithm>

/// ListEvents: the history that the front keeps, HistorySize= long. The journal has it for longer,
/// but for what was held back as repeated.

namespace reapd {
namespace {

/// A page: what is asked for at once is copied and waits in locked memory. With the longest names
/// there are, one event takes some 64 KiB, and a bus ends the connection of who sends 32 MiB.
constexpr std::size_t most_events = 256;

void add(Writer& to, const HistoryEnd& end) {
    if (end.cooled) {
        to.text("Result", end.sentence);
        add_cooled(to, *end.cooled);
        return;
    }
    to.text("Result", end.sentence)
        .number("ReleasedBytes", end.released)
        .span("SignalUSec", end.until_signal)
        .number("Processes", std::uint64_t{end.processes})
        .number("Survivors", std::uint64_t{end.survivors})
        .share("PressureAfter", end.pressure_after)
        .flag("Useless", end.useless);
    if (end.until_released > Microseconds{})
        to.span("ReleaseUSec", end.until_released);
}

void add(Writer& to, const HistoryEntry& entry) {
    to.dictionary()
        .text("Kind", entry.kind)
        .number("TimeUSec", entry.realtime_usec)
        .text("Sentence", entry.sentence)
        .text("Rule", entry.rule)
        .text("Watched", entry.watched)
        .text("PressureKind", entry.pressure_full ? "full" : "some")
        .share("Pressure", entry.pressure)
        .span("WindowUSec", entry.window);
    if (entry.memory)
        to.number("MemoryAvailable", entry.memory->available)
            .number("SwapFree", entry.memory->swap_free);
    if (!entry.cgroup.empty())
        to.text("ControlGroup", entry.cgroup).number("ExpectedBytes", entry.promise);
    if (entry.pid > 0)
        to.number("ProcessId", static_cast<std::uint64_t>(entry.pid));
    if (!entry.requester.empty())
        to.text("Requester", entry.requester);
    if (!entry.reason.empty())
        to.text("Reason", entry.reason);
    if (!entry.action.empty())
        to.number("Id", entry.id)
            .text("Action", entry.action)
            .flag("Completed", entry.end.has_value());
    if (entry.end)
        add(to, *entry.end);
    to.end();
}

} // namespace

int list_events(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
    const FaceState& face = *static_cast<const FaceState*>(userdata);
    std::uint64_t since = 0;
    std::uint32_t max = 0;
    if (const int r = sd_bus_message_read(call, "tu", &since, &max); r < 0)
        return r;
    const auto& history = face.status.history;
    // Not a binary search: the wall clock may have been set back.
    const auto count = static_cast<std::size_t>(std::ranges::count_if(
        history, [&](const HistoryEntry& entry) { return entry.realtime_usec >= since; }));
    const std::size_t most = max == 0 ? most_events : std::min<std::size_t>(max, most_events);
    std::size_t skip = count - std::min(count, most);
    Writer reply = Writer::reply(call);
    reply.list();
    for (const HistoryEntry& entry : history) {
        if (entry.realtime_usec < since)
            continue;
        if (skip > 0)
            --skip;
        else
            add(reply, entry);
    }
    if (reply.end().send())
        return 1;
    return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, no_room_text);
}

} // namespace reapd
