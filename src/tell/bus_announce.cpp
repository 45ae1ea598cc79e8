// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus_state.hpp"

namespace reapd {
namespace {

/// One signal being written. After the first failure nothing more is added; send() says so.
class Signal {
public:
    Signal(sd_bus* bus, const char* member) {
        sd_bus_message* message = nullptr;
        result_ =
            sd_bus_message_new_signal(bus, &message, bus_name::path, bus_name::manager, member);
        message_.reset(message);
    }

    Signal& number(std::uint64_t value) {
        return note(ok() ? sd_bus_message_append(message_.get(), "t", value) : 0);
    }
    Signal& text(std::string_view value) {
        return note(ok() ? sd_bus_message_append(message_.get(), "s", sayable(value).c_str()) : 0);
    }
    Signal& details() {
        return note(ok() ? sd_bus_message_open_container(message_.get(), SD_BUS_TYPE_ARRAY, "{sv}")
                         : 0);
    }

    Signal& number(const char* key, std::uint64_t value) {
        return note(ok() ? sd_bus_message_append(message_.get(), "{sv}", key, "t", value) : 0);
    }
    Signal& span(const char* key, Microseconds value) {
        return number(key, static_cast<std::uint64_t>(value.count()));
    }
    Signal& flag(const char* key, bool value) {
        const int as_int = value ? 1 : 0;
        return note(ok() ? sd_bus_message_append(message_.get(), "{sv}", key, "b", as_int) : 0);
    }
    Signal& share(const char* key, std::uint32_t permyriad) {
        const double value = permyriad / 10000.0;
        return note(ok() ? sd_bus_message_append(message_.get(), "{sv}", key, "d", value) : 0);
    }
    Signal& text(const char* key, std::string_view value) {
        const std::string said = sayable(value);
        return note(ok() ? sd_bus_message_append(message_.get(), "{sv}", key, "s", said.c_str())
                         : 0);
    }

    /// Closes the details and hands the signal to the bus, which queues it.
    bool send() {
        note(ok() ? sd_bus_message_close_container(message_.get()) : 0);
        note(ok() ? sd_bus_send(nullptr, message_.get(), nullptr) : 0);
        return ok();
    }

private:
    bool ok() const { return result_ >= 0; }
    Signal& note(int r) {
        if (ok())
            result_ = r;
        return *this;
    }

    sd::BusMessage message_{};
    int result_ = 0;
};

void add_measure(Signal& signal, const Told& told) {
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
    Signal signal{bus, "Acted"};
    signal.number(event.action)
        .text(action_text(event))
        .text(told.name_of(event.victim))
        .text(rule_text(told))
        .details()
        .text("Sentence", sentence(told))
        .number("ExpectedBytes", event.promise.value);
    if (event.victim_pid > 0)
        signal.number("ProcessId", static_cast<std::uint64_t>(event.victim_pid));
    add_measure(signal, told);
    return signal.send();
}

bool send_completed(sd_bus* bus, const Told& told) {
    const Event& event = told.event;
    Signal signal{bus, "Completed"};
    signal.number(event.action)
        .details()
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
    return signal.send();
}

bool send_stuck(sd_bus* bus, const Told& told) {
    Signal signal{bus, "Stuck"};
    signal.text(rule_text(told))
        .text(told.name_of(told.event.watched))
        .details()
        .text("Sentence", sentence(told))
        .text("Reason", reason_text(told.event.stuck))
        .number("Candidates", told.event.candidates);
    add_measure(signal, told);
    return signal.send();
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
    const bool acted = kind == EventKind::Acted;
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
    if (sent && (acted || completed))
        sent = sd_bus_emit_properties_changed(state_->bus, bus_name::path, bus_name::manager,
                                              acted ? "KillCount" : "ReleasedBytes", nullptr) >= 0;
    if (!sent)
        ++state_->lost;
}

} // namespace reapd
