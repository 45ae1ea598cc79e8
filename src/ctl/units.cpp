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

/// An error to be filled in, and freed.
struct CallError {
    CallError() = default;
    CallError(const CallError&) = delete;
    CallError& operator=(const CallError&) = delete;
    ~CallError() { sd_bus_error_free(&error); }
    sd_bus_error error = SD_BUS_ERROR_NULL;
};

std::string why(const sd_bus_error& error, int code) {
    for (const char* denied :
         {SD_BUS_ERROR_ACCESS_DENIED, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED})
        if (sd_bus_error_has_name(&error, denied) > 0)
            return "only root may do that";
    return escape(error.message ? error.message : ::strerror(-code));
}

/// How a step is called when it does not work.
std::string intention(const Step& step) {
    return fmt::format("{} could not be {}", step.unit, word_for(step.make));
}

/// The manager's method for a step that changes unit files.
const char* method_for(Make make) {
    switch (make) {
    case Make::Masked:
        return "MaskUnitFiles";
    case Make::Unmasked:
        return "UnmaskUnitFiles";
    case Make::Enabled:
        return "EnableUnitFiles";
    case Make::Disabled:
        return "DisableUnitFiles";
    case Make::Stopped:
    case Make::Started:
        break;
    }
    return nullptr;
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

struct Units::Method {
    const char* object = manager_path;
    const char* interface = manager;
    const char* member = nullptr;
};

/// Calls `method` with `arguments` of these `types`.
/// @param error  what the manager answers instead; its name may be looked at
template <class... Arguments>
std::expected<sd::BusMessage, int> Units::call(const Method& method, sd_bus_error* error,
                                               const char* types, Arguments... arguments) {
    sd_bus_message* made = nullptr;
    int r = sd_bus_message_new_method_call(bus_, &made, service_, method.object, method.interface,
                                           method.member);
    const sd::BusMessage request{made};
    if constexpr (sizeof...(arguments) > 0)
        if (r >= 0)
            r = sd_bus_message_append(made, types, arguments...);
    sd_bus_message* answer = nullptr;
    if (r >= 0)
        r = sd_bus_call(
            bus_, made,
            static_cast<std::uint64_t>(std::chrono::duration_cast<Microseconds>(longest).count()),
            error, &answer);
    if (r < 0)
        return std::unexpected(r);
    return sd::BusMessage{answer};
}

template <class... Arguments>
std::expected<sd::BusMessage, Failure> Units::ask(const Method& method, const std::string& what,
                                                  const char* types, Arguments... arguments) {
    CallError error;
    auto answer = call(method, &error.error, types, arguments...);
    if (!answer)
        return failure(fmt::format("{}: {}.", what, why(error.error, answer.error())));
    return std::move(*answer);
}

std::expected<void, Failure> Units::follow_jobs() {
    sd_bus_slot* slot = nullptr;
    const int r = sd_bus_match_signal(bus_, &slot, service_, manager_path, manager, "JobRemoved",
                                      on_removed, this);
    if (r < 0)
        return refused("The bus does not let reapctl listen to systemd", r);
    removed_.reset(slot);
    // Unless somebody subscribes, no such signal is sent.
    if (const auto answer = ask({.member = "Subscribe"}, "systemd does not tell of its jobs", "");
        !answer)
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
    const std::string unknown = "The state of " + unit + " is not known";
    // Not GetUnit: it knows only what is loaded.
    const auto loaded = ask({.member = "LoadUnit"}, unknown, "s", unit.c_str());
    if (!loaded)
        return std::unexpected(loaded.error());
    const char* object = nullptr;
    if (const int r = sd_bus_message_read(loaded->get(), "o", &object); r < 0)
        return refused(unknown, r);
    const auto got = ask({.object = object, .interface = properties, .member = "Get"}, unknown,
                         "ss", "org.freedesktop.systemd1.Unit", "ActiveState");
    if (!got)
        return std::unexpected(got.error());
    const char* state = nullptr;
    if (const int r = sd_bus_message_read(got->get(), "v", "s", &state); r < 0)
        return refused(unknown, r);
    return state;
}

std::expected<FoundUnit, Failure> Units::state_of(const std::string& unit) {
    const std::string unknown = "The state of " + unit + " is not known";
    CallError error;
    const auto answer = call({.member = "GetUnitFileState"}, &error.error, "s", unit.c_str());
    if (!answer && answer.error() == -ENOENT)
        return FoundUnit{.name = unit};
    if (!answer)
        return failure(fmt::format("{}: {}.", unknown, why(error.error, answer.error())));
    const char* file = nullptr;
    if (const int r = sd_bus_message_read(answer->get(), "s", &file); r < 0)
        return refused(unknown, r);
    auto active = active_state(unit);
    if (!active)
        return std::unexpected(active.error());
    return FoundUnit{.name = unit, .file = file, .active = std::move(*active)};
}

std::expected<bool, Failure> Units::make(const Step& step) {
    if (step.make == Make::Stopped || step.make == Make::Started)
        return run_job(step);
    return change_file(step);
}

/// How a job ended, or what kept us from seeing it.
std::string Units::result_of(const std::string& job) {
    const auto deadline = std::chrono::steady_clock::now() + longest;
    while (!results_.contains(job)) {
        int r = sd_bus_process(bus_, nullptr);
        if (r == 0) {
            const auto left = deadline - std::chrono::steady_clock::now();
            if (left.count() <= 0)
                return "not yet";
            r = sd_bus_wait(bus_, static_cast<std::uint64_t>(
                                      std::chrono::duration_cast<Microseconds>(left).count()));
        }
        if (r < 0 && r != -EINTR)
            return ::strerror(-r);
    }
    return results_[job];
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

    const auto answer = ask({.member = start ? "StartUnit" : "StopUnit"}, intention(step), "ss",
                            step.unit.c_str(), "replace");
    if (!answer)
        return std::unexpected(answer.error());
    const char* job = nullptr;
    if (const int r = sd_bus_message_read(answer->get(), "o", &job); r < 0)
        return refused(intention(step), r);
    const std::string result = result_of(job);
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
    const Method method{.member = method_for(step.make)};
    // Not for this boot only, and over no file of the administrator's.
    const auto answer = gives ? ask(method, intention(step), "asbb", 1, step.unit.c_str(), 0, 0)
                              : ask(method, intention(step), "asb", 1, step.unit.c_str(), 0);
    if (!answer)
        return std::unexpected(answer.error());
    changed_ = true;
    return true;
}

std::expected<void, Failure> Units::settle() {
    if (!changed_)
        return {};
    const auto answer =
        ask({.member = "Reload"}, "systemd could not be made to read its unit files", "");
    if (!answer)
        return std::unexpected(answer.error());
    changed_ = false;
    return {};
}

} // namespace reapd
