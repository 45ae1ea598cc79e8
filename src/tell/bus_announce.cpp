// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/rule_text.hpp"
#include "tell/bus_state.hpp"
#include "tell/bus_writer.hpp"

namespace reapd {
namespace {

void add_measure(Writer& signal, const Told& told) {
    const Event& event = told.event;
    signal.text("Watched", told.name_of(event.watched))
        .text("PressureKind", event.pressure_full ? "full" : "some")
        .share("Pressure", event.pressure)
        .span("WindowUSec", event.window);
    if (event.memory)
        signal.number("MemoryAvailable", event.memory->available.value)
            .number("SwapFree", event.memory->swap_free.value);
}

bool send_acted(sd_bus* bus, const Told& told) {
    const Event& event = told.event;
    const bool thawed = event.kind == EventKind::FreezeOver;
    Writer signal = Writer::signal(bus, "Acted");
    signal.number(event.action)
        .text(action_text(event))
        .text(told.name_of(event.victim))
        .text(rule_text(told))
        .dictionary()
        .text("Sentence", sentence(told));
    if (!thawed)
        signal.number("ExpectedBytes", event.promise.value);
    if (event.means == Action::Freeze)
        signal.span("FreezeMaxUSec", event.frozen_for).text("FreezeThen", to_text(event.then));
    if (event.order != 0)
        signal.text("Requester", told.requester).text("Reason", told.reason);
    if (event.victim_pid > 0)
        signal.number("ProcessId", static_cast<std::uint64_t>(event.victim_pid));
    if (!thawed)
        add_measure(signal, told);
    return signal.end().send();
}

bool send_cooled(sd_bus* bus, const Told& told) {
    const Event& event = told.event;
    Writer signal = Writer::signal(bus, "Completed");
    signal.number(event.action)
        .dictionary()
        .text("Sentence", sentence(told))
        .text("ControlGroup", told.name_of(event.victim))
        .text("Rule", rule_text(told));
    add_cooled(signal, event.cooled);
    return signal.end().send();
}

bool send_completed(sd_bus* bus, const Told& told) {
    const Event& event = told.event;
    if (cools(event.means))
        return send_cooled(bus, told);
    Writer signal = Writer::signal(bus, "Completed");
    signal.number(event.action)
        .dictionary()
        .text("Sentence", sentence(told))
        .text("ControlGroup", told.name_of(event.victim))
        .text("Rule", rule_text(told))
        .number("ExpectedBytes", event.promise.value)
        .number("ReleasedBytes", event.released.value)
        .span("SignalUSec", event.kill.until_signal)
        .number("Processes", event.kill.processes)
        .number("Survivors", event.kill.survivors)
        .share("PressureAfter", event.pressure_after)
        .flag("Useless", event.useless);
    if (event.until_released.count() > 0)
        signal.span("ReleaseUSec", event.until_released);
    return signal.end().send();
}

bool send_stuck(sd_bus* bus, const Told& told) {
    Writer signal = Writer::signal(bus, "Stuck");
    signal.text(rule_text(told))
        .text(told.name_of(told.event.watched))
        .dictionary()
        .text("Sentence", sentence(told))
        .text("Reason", reason_text(told.event.stuck))
        .number("Candidates", told.event.candidates);
    add_measure(signal, told);
    return signal.end().send();
}

bool send_crossed(sd_bus* bus, const Told& told) {
    const int above = told.event.above ? 1 : 0;
    return sd_bus_emit_signal(bus, bus_name::path, bus_name::manager, "PressureChanged", "ssbd",
                              rule_text(told).c_str(),
                              sayable(told.name_of(told.event.watched)).c_str(), above,
                              told.event.pressure / 10000.0) >= 0;
}

} // namespace

void BusFace::announce(const Told& told) noexcept {
    announce_killed(told);
    const EventKind kind = told.event.kind;
    if (kind == EventKind::Crossed && state_->may_send(state_->bus) &&
        !send_crossed(state_->bus, told))
        ++state_->lost;
    const bool acted = kind == EventKind::Acted || kind == EventKind::FreezeOver;
    const bool completed = kind == EventKind::Completed;
    if ((!acted && !completed && kind != EventKind::Stuck) || !state_->may_send(state_->bus))
        return;

    bool sent = false;
    if (acted)
        sent = send_acted(state_->bus, told);
    else if (completed)
        sent = send_completed(state_->bus, told);
    else
        sent = send_stuck(state_->bus, told);
    const bool killed = kind != EventKind::FreezeOver && told.event.means == Action::Kill;
    if (sent && killed && (acted || completed))
        sent = sd_bus_emit_properties_changed(state_->bus, bus_name::path, bus_name::manager,
                                              acted ? "KillCount" : "ReleasedBytes", nullptr) >= 0;
    if (!sent)
        ++state_->lost;
}

} // namespace reapd
