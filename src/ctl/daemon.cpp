// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/daemon.hpp"

#include "base/fd.hpp"

#include <fcntl.h>

#include <cmath>
#include <map>
#include <utility>

namespace reapd {
namespace {

using nlohmann::json;

std::expected<json, Failure> read_dump(const Service& service) {
    const auto answer = call_manager(service, "Dump", "");
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
    if (const int r = sd_bus_message_append(call->get(), "ss", reapd_interface, "Pressure"); r < 0)
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
    const auto answer = call_manager(service, "ListWatched", "");
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

std::expected<View, Failure> ask_daemon(const Service& service) {
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
