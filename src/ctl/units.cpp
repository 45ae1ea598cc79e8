// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/units.hpp"

#include "base/escape.hpp"
#include "base/units.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstring>

namespace reapd {
namespace {

using Make = Step::Make;

constexpr const char* manager_path = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";
constexpr const char* properties = "org.freedesktop.DBus.Properties";

/// Longer than units take to stop and a manager to read its files again (DefaultTimeoutStopSec= is
/// 90 s).
constexpr std::chrono::seconds longest{120};

std::unexpected<Failure> refused(const std::string& what, int error) {
    return failure(fmt::format("{}: {}.", what, ::strerror(-error)));
}

std::string why(const sd_bus_error& error, int code) {
    for (const char* denied :
         {SD_BUS_ERROR_ACCESS_DENIED, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED})
        if (sd_bus_error_has_name(&error, denied) > 0)
            return "only root may do that";
    return escape(error.message ? error.message : ::strerror(-code));
}

/// How a step is called when it does not work.
std::string intention(const Step& step) {
    const char* verb = "";
    switch (step.make) {
    case Make::Stopped:
        verb = "stopped";
        break;
    case Make::Masked:
        verb = "masked";
        break;
    case Make::Unmasked:
        verb = "unmasked";
        break;
    case Make::Enabled:
        verb = "enabled";
        break;
    case Make::Disabled:
        verb = "disabled";
        break;
    case Make::Started:
        verb = "started";
        break;
    }
    return fmt::format("{} could not be {}", step.unit, verb);
}

bool rests(const std::string& active) { return active == "inactive" || active == "failed"; }

/// Whether the files say already what `step` wants.
bool fits(Make make, const std::string& file) {
    switch (make) {
    case Make::Masked:
        return file == "masked";
    case Make::Unmasked:
        return file != "masked";
    case Make::Enabled:
        return file == "enabled";
    case Make::Disabled:
        return file != "enabled";
    case Make::Stopped:
    case Make::Started:
        break;
    }
    return false;
}

} // namespace

std::expected<sd::BusMessage, Failure> Units::new_call(const char* object, const char* interface,
                                                       const char* member) {
    sd_bus_message* made = nullptr;
    const int r = sd_bus_message_new_method_call(bus_, &made, service_, object, interface, member);
    if (r < 0)
        return refused("The call to systemd could not be made", r);
    return sd::BusMessage{made};
}

std::expected<sd::BusMessage, Failure> Units::ask(const sd::BusMessage& call,
                                                  const std::string& what) {
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message* answer = nullptr;
    const int r = sd_bus_call(
        bus_, call.get(),
        static_cast<std::uint64_t>(std::chrono::duration_cast<Microseconds>(longest).count()),
        &error, &answer);
    if (r >= 0)
        return sd::BusMessage{answer};
    auto failed = failure(fmt::format("{}: {}.", what, why(error, r)));
    sd_bus_error_free(&error);
    return failed;
}

std::expected<void, Failure> Units::follow_jobs() {
    sd_bus_slot* slot = nullptr;
    const int r = sd_bus_match_signal(bus_, &slot, service_, manager_path, manager, "JobRemoved",
                                      on_removed, this);
    if (r < 0)
        return refused("The bus does not let reapctl listen to systemd", r);
    removed_.reset(slot);
    // Unless somebody subscribes, no such signal is sent.
    const auto call = new_call(manager_path, manager, "Subscribe");
    if (!call)
        return std::unexpected(call.error());
    const auto answer = ask(*call, "systemd does not tell of its jobs");
    if (!answer)
        return std::unexpected(answer.error());
    return {};
}

int Units::on_removed(sd_bus_message* signal, void* self, sd_bus_error*) noexcept {
    std::uint32_t id = 0;
    const char* job = nullptr;
    const char* unit = nullptr;
    const char* result = nullptr;
    if (sd_bus_message_read(signal, "uoss", &id, &job, &unit, &result) > 0)
        static_cast<Units*>(self)->results_[job] = result;
    return 0;
}

std::expected<std::string, Failure> Units::active_state(const std::string& unit) {
    // Not GetUnit: it knows only what is loaded.
    const auto load = new_call(manager_path, manager, "LoadUnit");
    if (!load)
        return std::unexpected(load.error());
    if (const int r = sd_bus_message_append(load->get(), "s", unit.c_str()); r < 0)
        return refused("The call to systemd could not be made", r);
    const auto loaded = ask(*load, "The state of " + unit + " is not known");
    if (!loaded)
        return std::unexpected(loaded.error());
    const char* object = nullptr;
    if (const int r = sd_bus_message_read(loaded->get(), "o", &object); r < 0)
        return refused("systemd's answer cannot be read", r);

    const auto get = new_call(object, properties, "Get");
    if (!get)
        return std::unexpected(get.error());
    const int r =
        sd_bus_message_append(get->get(), "ss", "org.freedesktop.systemd1.Unit", "ActiveState");
    if (r < 0)
        return refused("The call to systemd could not be made", r);
    const auto got = ask(*get, "The state of " + unit + " is not known");
    if (!got)
        return std::unexpected(got.error());
    const char* state = nullptr;
    if (const int read = sd_bus_message_read(got->get(), "v", "s", &state); read < 0)
        return refused("systemd's answer cannot be read", read);
    return state;
}

std::expected<UnitState, Failure> Units::state_of(const std::string& unit) {
    const auto call = new_call(manager_path, manager, "GetUnitFileState");
    if (!call)
        return std::unexpected(call.error());
    if (const int r = sd_bus_message_append(call->get(), "s", unit.c_str()); r < 0)
        return refused("The call to systemd could not be made", r);
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message* answer = nullptr;
    const int r = sd_bus_call(bus_, call->get(), 0, &error, &answer);
    const sd::BusMessage owned{answer};
    if (r == -ENOENT) {
        sd_bus_error_free(&error);
        return UnitState{.name = unit};
    }
    if (r < 0) {
        auto failed =
            failure(fmt::format("The state of {} is not known: {}.", unit, why(error, r)));
        sd_bus_error_free(&error);
        return failed;
    }
    const char* file = nullptr;
    if (const int read = sd_bus_message_read(answer, "s", &file); read < 0)
        return refused("systemd's answer cannot be read", read);
    auto active = active_state(unit);
    if (!active)
        return std::unexpected(active.error());
    return UnitState{.name = unit, .file = file, .active = std::move(*active)};
}

std::expected<bool, Failure> Units::make(const Step& step) {
    if (step.make == Make::Stopped || step.make == Make::Started)
        return run_job(step);
    return change_file(step);
}

std::expected<bool, Failure> Units::run_job(const Step& step) {
    if (const auto settled = settle(); !settled)
        return std::unexpected(settled.error());
    const bool start = step.make == Make::Started;
    const auto before = active_state(step.unit);
    if (!before)
        return std::unexpected(before.error());
    if (start ? *before == "active" : rests(*before))
        return false;

    const auto call = new_call(manager_path, manager, start ? "StartUnit" : "StopUnit");
    if (!call)
        return std::unexpected(call.error());
    if (const int r = sd_bus_message_append(call->get(), "ss", step.unit.c_str(), "replace"); r < 0)
        return refused("The call to systemd could not be made", r);
    const auto answer = ask(*call, intention(step));
    if (!answer)
        return std::unexpected(answer.error());
    const char* job = nullptr;
    if (const int r = sd_bus_message_read(answer->get(), "o", &job); r < 0)
        return refused("systemd's answer cannot be read", r);

    const auto deadline = std::chrono::steady_clock::now() + longest;
    while (!results_.contains(job)) {
        int r = sd_bus_process(bus_, nullptr);
        if (r == 0) {
            const auto left = deadline - std::chrono::steady_clock::now();
            if (left.count() <= 0)
                return failure(intention(step) + ": it takes too long.");
            r = sd_bus_wait(bus_, static_cast<std::uint64_t>(
                                      std::chrono::duration_cast<Microseconds>(left).count()));
        }
        if (r < 0 && r != -EINTR)
            return refused(intention(step), r);
    }
    const std::string result = results_[job];
    const auto after = active_state(step.unit);
    if (!after)
        return std::unexpected(after.error());
    if (result != "done" || (start ? *after != "active" : !rests(*after)))
        return failure(fmt::format("{}: its job ended with \"{}\" and it is {}. \"systemctl status "
                                   "{}\" says more.",
                                   intention(step), escape(result), escape(*after), step.unit));
    return true;
}

std::expected<bool, Failure> Units::change_file(const Step& step) {
    const auto state = state_of(step.unit);
    if (!state)
        return std::unexpected(state.error());
    if (fits(step.make, state->file))
        return false;

    const bool gives = step.make == Make::Masked || step.make == Make::Enabled;
    const char* const member = step.make == Make::Masked     ? "MaskUnitFiles"
                               : step.make == Make::Unmasked ? "UnmaskUnitFiles"
                               : step.make == Make::Enabled  ? "EnableUnitFiles"
                                                             : "DisableUnitFiles";
    const auto call = new_call(manager_path, manager, member);
    if (!call)
        return std::unexpected(call.error());
    int r = sd_bus_message_append(call->get(), "as", 1, step.unit.c_str());
    if (r >= 0)
        r = sd_bus_message_append(call->get(), "b", 0); // for good, not until the next boot
    if (r >= 0 && gives)
        r = sd_bus_message_append(call->get(), "b", 0); // over no file of the administrator's
    if (r < 0)
        return refused("The call to systemd could not be made", r);
    const auto answer = ask(*call, intention(step));
    if (!answer)
        return std::unexpected(answer.error());
    changed_ = true;
    return true;
}

std::expected<void, Failure> Units::settle() {
    if (!changed_)
        return {};
    const auto call = new_call(manager_path, manager, "Reload");
    if (!call)
        return std::unexpected(call.error());
    const auto answer = ask(*call, "systemd does not read its unit files again");
    if (!answer)
        return std::unexpected(answer.error());
    changed_ = false;
    return {};
}

} // namespace reapd
