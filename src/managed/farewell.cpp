// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/farewell.hpp"

#include "managed/unit_messages.hpp"

#include <string_view>
#include <utility>

namespace reapd {
namespace {

constexpr std::uint64_t longest = 1'000'000;
constexpr const char* properties = "org.freedesktop.DBus.Properties";

} // namespace

Farewell::Farewell(sd_event* loop, std::string socket, std::function<void()> done)
    : loop_{loop}, socket_{std::move(socket)}, done_{std::move(done)} {}

void Farewell::begin(sd_bus* bus) noexcept {
    if (timeout_)
        return;
    bus_ = bus;
    sd_event_source* source = nullptr;
    if (bus == nullptr || sd_event_add_time_relative(loop_, &source, CLOCK_MONOTONIC, longest, 0,
                                                     on_timeout, this) < 0) {
        end();
        return;
    }
    timeout_.reset(source);
    constexpr auto of_ours = [](sd_bus_message* call, const Farewell&) {
        return sd_bus_message_append(call, "u", 0); // who asks
    };
    ask(of_ours, systemd1::path, systemd1::manager, "GetUnitByPID", on_unit);
}

void Farewell::ask(int (*fill)(sd_bus_message*, const Farewell&), const char* path,
                   const char* interface, const char* member,
                   sd_bus_message_handler_t handler) noexcept {
    sd_bus_message* made = nullptr;
    int r = sd_bus_message_new_method_call(bus_, &made, systemd1::service, path, interface, member);
    const sd::BusMessage call{made};
    if (r >= 0)
        r = fill(made, *this);
    sd_bus_slot* slot = nullptr;
    if (r >= 0)
        r = sd_bus_call_async(bus_, &slot, made, handler, this, longest);
    slot_.reset(slot);
    if (r < 0)
        end();
}

void Farewell::end() noexcept {
    timeout_.reset();
    if (const auto done = std::exchange(done_, nullptr))
        done();
}

int Farewell::on_unit(sd_bus_message* answer, void* self, sd_bus_error*) noexcept {
    auto& farewell = *static_cast<Farewell*>(self);
    const char* unit = nullptr;
    if (is_error(answer) || sd_bus_message_read(answer, "o", &unit) < 0) {
        farewell.end();
        return 0;
    }
    constexpr auto job = [](sd_bus_message* call, const Farewell&) {
        return sd_bus_message_append(call, "ss", "org.freedesktop.systemd1.Unit", "Job");
    };
    farewell.ask(job, unit, properties, "Get", on_job);
    return 0;
}

int Farewell::on_job(sd_bus_message* answer, void* self, sd_bus_error*) noexcept {
    auto& farewell = *static_cast<Farewell*>(self);
    std::uint32_t id = 0;
    const char* job = nullptr;
    if (is_error(answer) || sd_bus_message_read(answer, "v", "(uo)", &id, &job) < 0 || id == 0) {
        farewell.end(); // Somebody sent us a signal.
        return 0;
    }
    constexpr auto type = [](sd_bus_message* call, const Farewell&) {
        return sd_bus_message_append(call, "ss", "org.freedesktop.systemd1.Job", "JobType");
    };
    farewell.ask(type, job, properties, "Get", on_job_type);
    return 0;
}

int Farewell::on_job_type(sd_bus_message* answer, void* self, sd_bus_error*) noexcept {
    auto& farewell = *static_cast<Farewell*>(self);
    const char* type = nullptr;
    if (is_error(answer) || sd_bus_message_read(answer, "v", "s", &type) < 0 ||
        std::string_view{type} != "stop") {
        farewell.end();
        return 0;
    }
    constexpr auto socket = [](sd_bus_message* call, const Farewell& asking) {
        return sd_bus_message_append(call, "ss", asking.socket_.c_str(), "replace");
    };
    farewell.ask(socket, systemd1::path, systemd1::manager, "StopUnit", on_stopped);
    return 0;
}

int Farewell::on_stopped(sd_bus_message*, void* self, sd_bus_error*) noexcept {
    static_cast<Farewell*>(self)->end();
    return 0;
}

int Farewell::on_timeout(sd_event_source*, std::uint64_t, void* self) noexcept {
    static_cast<Farewell*>(self)->end();
    return 0;
}

} // namespace reapd
