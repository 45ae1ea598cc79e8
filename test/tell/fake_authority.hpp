// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The bus driver and polkit as far as they are asked who calls and whether he may. They sit on
/// the client's end of a pair of peers.

#include "peers.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace reapd {

class FakeAuthority {
public:
    explicit FakeAuthority(const Peers& peers) {
        REQUIRE(sd_bus_add_object_vtable(peers.client.get(), nullptr, "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus", driver, this) >= 0);
        REQUIRE(sd_bus_add_object_vtable(
                    peers.client.get(), nullptr, "/org/freedesktop/PolicyKit1/Authority",
                    "org.freedesktop.PolicyKit1.Authority", polkit, this) >= 0);
    }
    FakeAuthority(const FakeAuthority&) = delete;
    FakeAuthority& operator=(const FakeAuthority&) = delete;

    std::uint32_t uid = 1000;
    bool authorized = false;
    bool challenge = false;
    bool knows = true;                   ///< who calls; else the bus is asked in vain
    bool runs = true;                    ///< else nobody has polkit's name
    bool answers = true;                 ///< else it is asked in vain
    std::vector<std::string> asked{};    ///< "action sender flags"
    std::string details{};               ///< "key=value " of the last question
    std::function<void()> while_asked{}; ///< what happens before polkit answers

private:
    static int credentials(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
        const FakeAuthority& self = *static_cast<const FakeAuthority*>(userdata);
        if (!self.knows)
            return 1;
        return sd_bus_reply_method_return(call, "a{sv}", 3, "ProcessID", "u", 42, "LinuxLabel", "s",
                                          "", "UnixUserID", "u", self.uid);
    }

    static int check(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
        FakeAuthority& self = *static_cast<FakeAuthority*>(userdata);
        if (!self.runs)
            return sd_bus_error_set(error, SD_BUS_ERROR_SERVICE_UNKNOWN, "No polkit here.");
        const char* kind = nullptr;
        const char* name = nullptr;
        const char* action = nullptr;
        std::uint32_t flags = 0;
        if (sd_bus_message_read(call, "(sa{sv})s", &kind, 1, &name, "s", &name, &action) < 0)
            return -EBADMSG;
        const char* value = nullptr;
        const char* key = nullptr;
        self.details.clear();
        sd_bus_message_enter_container(call, 'a', "{ss}");
        while (sd_bus_message_read(call, "{ss}", &key, &value) > 0)
            self.details += std::string{key} + "=" + value + " ";
        sd_bus_message_exit_container(call);
        sd_bus_message_read(call, "u", &flags);
        self.asked.push_back(std::string{action} + " " + name + " " + std::to_string(flags));
        if (self.while_asked)
            self.while_asked();
        if (!self.answers)
            return 1;
        return sd_bus_reply_method_return(call, "(bba{ss})", self.authorized ? 1 : 0,
                                          self.challenge ? 1 : 0, 0);
    }

    static constexpr sd_bus_vtable driver[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("GetConnectionCredentials", "s", "a{sv}", credentials,
                      SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };
    static constexpr sd_bus_vtable polkit[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", check,
                      SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };
};

} // namespace reapd
