// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/service.hpp"

#include "base/escape.hpp"

#include <cstring>

namespace reapd {
namespace {

std::unexpected<Failure> fail(int status, std::string text) {
    return std::unexpected(Failure{.status = status, .text = std::move(text)});
}

bool is_one_of(const sd_bus_error& error, std::initializer_list<const char*> names) {
    for (const char* const name : names)
        if (sd_bus_error_has_name(&error, name) > 0)
            return true;
    return false;
}

std::unexpected<Failure> explain(const sd_bus_error& error, int code) {
    if (is_one_of(error, {SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER}))
        return fail(daemon_not_reachable,
                    "reapd does not run, or is not on the system bus. Start it with "
                    "\"systemctl start reapd\"; \"systemctl status reapd\" says more.");
    if (is_one_of(error, {SD_BUS_ERROR_NO_REPLY}) || code == -ETIMEDOUT)
        return fail(daemon_not_reachable, "reapd does not answer.");
    const std::string why = escape(error.message ? error.message : ::strerror(-code));
    if (is_one_of(error,
                  {SD_BUS_ERROR_ACCESS_DENIED, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED}))
        return fail(not_permitted, "This is not permitted: " + why);
    if (is_one_of(error, {SD_BUS_ERROR_UNKNOWN_METHOD}))
        return failure("The reapd that runs is older than this reapctl and cannot do it: " + why);
    return failure("reapd answers: " + why);
}

} // namespace

std::unexpected<Failure> refused(const char* what, int error) {
    return failure(std::string{what} + ": " + ::strerror(-error));
}

std::expected<sd::Bus, Failure> connect_to_bus(const std::string& machine) {
    sd_bus* made = nullptr;
    const int r = machine.empty() ? sd_bus_open_system(&made)
                                  : sd_bus_open_system_machine(&made, machine.c_str());
    if (r < 0)
        return fail(daemon_not_reachable,
                    (machine.empty() ? "There is no system bus: "
                                     : "The bus of " + machine + " cannot be reached: ") +
                        ::strerror(-r) + ".");
    return sd::Bus{made};
}

std::expected<sd::BusMessage, Failure> new_call(const Service& service, const char* interface,
                                                const char* member) {
    sd_bus_message* made = nullptr;
    int r = sd_bus_message_new_method_call(service.bus, &made, service.name, reapd_path, interface,
                                           member);
    sd::BusMessage call{made};
    if (r >= 0)
        r = sd_bus_message_set_auto_start(made, 0);
    if (r < 0)
        return refused("The call to reapd could not be made", r);
    return call;
}

std::expected<sd::BusMessage, Failure> ask(const Service& service, const sd::BusMessage& call) {
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message* answer = nullptr;
    const int r = sd_bus_call(service.bus, call.get(), 0, &error, &answer);
    sd::BusMessage owned{answer};
    if (r < 0) {
        auto failed = explain(error, r);
        sd_bus_error_free(&error);
        return failed;
    }
    return owned;
}

} // namespace reapd
