// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/daemon.hpp"

#include "base/escape.hpp"
#include "base/fd.hpp"

#include <fcntl.h>

#include <cmath>
#include <cstring>
#include <map>
#include <utility>

namespace reapd {
namespace {

using nlohmann::json;

constexpr const char* path = "/org/reapd1";
constexpr const char* manager = "org.reapd1.Manager";

std::unexpected<Failure> refused(const char* what, int error) {
    return failure(std::string{what} + ": " + ::strerror(-error));
}

std::unexpected<Failure> explain(const sd_bus_error& error, int code) {
    for (const char* absent : {SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER})
        if (sd_bus_error_has_name(&error, absent) > 0)
            return std::unexpected(Failure{
                .status = daemon_not_reachable,
                .text = "reapd does not run, or is not on the system bus. Start it with "
                        "\"systemctl start reapd\"; \"systemctl status reapd\" says more."});
    if (sd_bus_error_has_name(&error, SD_BUS_ERROR_NO_REPLY) > 0 || code == -ETIMEDOUT)
        return std::unexpected(
            Failure{.status = daemon_not_reachable, .text = "reapd does not answer."});
    const char* const why = error.message ? error.message : ::strerror(-code);
    return failure("reapd answers: " + escape(why));
}

struct Service {
    sd_bus* bus = nullptr;
    const char* name = nullptr;
};

std::expected<sd::BusMessage, Failure> new_call(const Service& service, const char* interface,
                                                const char* member) {
    sd_bus_message* made = nullptr;
    int r =
        sd_bus_message_new_method_call(service.bus, &made, service.name, path, interface, member);
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
    const sd::BusMessage owned{answer};
    if (r < 0) {
        auto failure = explain(error, r);
        sd_bus_error_free(&error);
        return failure;
    }
    return sd::BusMessage{sd_bus_message_ref(answer)};
}

std::expected<json, Failure> read_dump(const Service& service) {
    const auto call = new_call(service, manager, "Dump");
    if (!call)
        return std::unexpected(call.error());
    const auto answer = ask(service, *call);
    if (!answer)
        return std::unexpected(answer.error());
    int fd = -1; // stays the message's
    if (const int r = sd_bus_message_read(answer->get(), "h", &fd); r < 0)
        return refused("reapd's answer cannot be read", r);

    std::string text;
    std::array<char, 65536> part{};
    ssize_t got = 0;
    while ((got = ::pread(fd, part.data(), part.size(), static_cast<off_t>(text.size()))) > 0)
        text.append(part.data(), static_cast<std::size_t>(got));
    json dump = json::parse(text, nullptr, false);
    if (!dump.is_object())
        return failure("reapd's dump is not the JSON it should be.");
    return dump;
}

std::expected<std::array<double, 6>, Failure> read_pressure(const Service& service) {
    const auto call = new_call(service, "org.freedesktop.DBus.Properties", "Get");
    if (!call)
        return std::unexpected(call.error());
    if (const int r = sd_bus_message_append(call->get(), "ss", manager, "Pressure"); r < 0)
        return refused("The call to reapd could not be made", r);
    const auto answer = ask(service, *call);
    if (!answer)
        return std::unexpected(answer.error());
    std::array<double, 6> p{};
    if (const int r = sd_bus_message_read(answer->get(), "v", "(dddddd)", &p[0], &p[1], &p[2],
                                          &p[3], &p[4], &p[5]);
        r < 0)
        return refused("reapd's answer cannot be read", r);
    return p;
}

/// Shares by rule and cgroup.
using Shares = std::map<std::pair<std::string, std::string>, double>;

std::expected<Shares, Failure> read_shares(const Service& service) {
    const auto call = new_call(service, manager, "ListWatched");
    if (!call)
        return std::unexpected(call.error());
    const auto answer = ask(service, *call);
    if (!answer)
        return std::unexpected(answer.error());
    Shares shares;
    const char* rule = nullptr;
    const char* object = nullptr;
    const char* cgroup = nullptr;
    double share = 0;
    int r = sd_bus_message_enter_container(answer->get(), SD_BUS_TYPE_ARRAY, "(sosd)");
    while (r >= 0 &&
           (r = sd_bus_message_read(answer->get(), "(sosd)", &rule, &object, &cgroup, &share)) > 0)
        if (!std::isnan(share))
            shares[{rule, cgroup}] = share;
    if (r < 0)
        return refused("reapd's answer cannot be read", r);
    return shares;
}

/// Writes each share, or null, into the row of the dump that it belongs to.
void add_shares(json& dump, const Shares& shares) {
    const auto watched = dump.find("watched");
    if (watched == dump.end() || !watched->is_array())
        return;
    for (json& row : *watched) {
        if (!row.is_object())
            continue;
        const auto found = shares.find({text_of(row, "rule"), text_of(row, "cgroup")});
        row["share"] = found == shares.end() ? json{} : json(found->second);
    }
}

} // namespace

std::expected<sd::Bus, Failure> connect_to_bus() {
    sd_bus* made = nullptr;
    const int r = sd_bus_open_system(&made);
    if (r < 0)
        return std::unexpected(
            Failure{.status = daemon_not_reachable,
                    .text = std::string{"There is no system bus: "} + ::strerror(-r) + "."});
    return sd::Bus{made};
}

std::expected<View, Failure> ask_daemon(sd_bus* bus, const char* service_name) {
    const Service service{.bus = bus, .name = service_name};
    auto dump = read_dump(service);
    if (!dump)
        return std::unexpected(dump.error());
    const auto pressure = read_pressure(service);
    if (!pressure)
        return std::unexpected(pressure.error());
    const auto shares = read_shares(service);
    if (!shares)
        return std::unexpected(shares.error());
    add_shares(*dump, *shares);
    return View{.dump = std::move(*dump), .pressure = *pressure};
}

} // namespace reapd
