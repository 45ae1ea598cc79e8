// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A bus with a service manager on it, at the other end of a socket: it answers and signals what
/// systemd 252 and 257 were seen to.

#include "base/fd.hpp"
#include "base/sd.hpp"
#include "catch.hpp"
#include "managed/unit_messages.hpp"

#include <sys/socket.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

class FakeManager {
public:
    struct Unit {
        std::string active = "active";
        std::uint64_t since = 1;
        UnitValues values{};
    };

    explicit FakeManager(sd_event* loop) {
        std::array<int, 2> fds{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) ==
                0);
        server_ = start(fds[0], true, loop);
        client_ = start(fds[1], false, loop);
        REQUIRE(sd_bus_add_filter(server_.get(), nullptr, on_message, this) >= 0);
    }
    FakeManager(const FakeManager&) = delete;
    FakeManager& operator=(const FakeManager&) = delete;

    sd_bus* bus() const noexcept { return client_.get(); }

    void add(const std::string& name, UnitValues values = {}) {
        for (std::string* word : {&values.swap, &values.pressure})
            if (word->empty())
                *word = "auto";
        if (values.preference.empty())
            values.preference = "none";
        if (values.control_group.empty())
            values.control_group = name == "-.slice" ? "/" : '/' + name;
        units[name] = {.since = ++clock_, .values = std::move(values)};
    }

    /// PropertiesChanged of the unit as it is now; of one that is no more: inactive.
    void tell_unit(const std::string& name) {
        const auto at = units.find(name);
        const Unit unit = at == units.end() ? Unit{.active = "inactive"} : at->second;
        const auto path = object_of_unit(name);
        REQUIRE(path);
        const sd::BusMessage signal =
            new_signal(path->c_str(), "org.freedesktop.DBus.Properties", "PropertiesChanged");
        REQUIRE(sd_bus_message_append(signal.get(), "sa{sv}as", "org.freedesktop.systemd1.Unit", 3,
                                      "Job", "(uo)", 0, "/", "ActiveState", "s",
                                      unit.active.c_str(), "ActiveEnterTimestampMonotonic", "t",
                                      unit.since, 0) >= 0);
        send(signal);
    }

    void tell_removed(const std::string& name) {
        const sd::BusMessage signal = new_signal(systemd1::path, systemd1::manager, "UnitRemoved");
        REQUIRE(sd_bus_message_append(signal.get(), "so", name.c_str(),
                                      object_of_unit(name)->c_str()) >= 0);
        send(signal);
    }

    void tell_reloading(bool begins) {
        const sd::BusMessage signal = new_signal(systemd1::path, systemd1::manager, "Reloading");
        REQUIRE(sd_bus_message_append(signal.get(), "b", begins ? 1 : 0) >= 0);
        send(signal);
    }

    /// The name goes to another connection, as after daemon-reexec.
    void tell_owner(const std::string& now) {
        sd_bus_message* made = nullptr;
        REQUIRE(sd_bus_message_new_signal(server_.get(), &made, "/org/freedesktop/DBus",
                                          "org.freedesktop.DBus", "NameOwnerChanged") >= 0);
        const sd::BusMessage signal{made};
        REQUIRE(sd_bus_message_set_sender(made, "org.freedesktop.DBus") >= 0);
        REQUIRE(sd_bus_message_append(made, "sss", systemd1::service, owner.c_str(), now.c_str()) >=
                0);
        send(signal);
        owner = now;
    }

    void start_unit(const std::string& name, UnitValues values = {}) {
        add(name, std::move(values));
        for (const char* state : {"inactive", "active", "active"}) {
            units[name].active = state;
            tell_unit(name);
        }
    }

    void stop_unit(const std::string& name) {
        units[name].active = "deactivating";
        tell_unit(name);
        units.erase(name);
        tell_unit(name);
        tell_removed(name);
    }

    /// Answers what was held back.
    void release() {
        hold = false;
        for (const sd::BusMessage& call : std::exchange(held, {}))
            (void)get(call.get());
    }

    /// Gets of that property, or of all.
    int gets(std::string_view property = {}) const {
        int sum = 0;
        for (const auto& [name, count] : gets_)
            if (property.empty() || property == name)
                sum += count;
        return sum;
    }

    std::map<std::string, Unit> units{};
    std::string owner = ":1.0";  ///< who has org.freedesktop.systemd1
    std::string sender = ":1.0"; ///< whom signals come from
    bool old = false;            ///< systemd 252: some properties are not known
    bool refuse_matches = false;
    bool wrong_types = false;
    bool hold = false; ///< Gets wait for release()
    std::vector<sd::BusMessage> held{};
    int lists = 0;
    int loaded_by_get = 0; ///< units that were not there when they were asked for

private:
    static sd::Bus start(int fd, bool is_server, sd_event* loop) {
        sd_bus* bus = nullptr;
        REQUIRE(sd_bus_new(&bus) >= 0);
        sd::Bus owned{bus};
        sd_id128_t id{};
        REQUIRE(sd_id128_randomize(&id) >= 0);
        REQUIRE(sd_bus_set_fd(bus, fd, fd) >= 0);
        REQUIRE((is_server ? sd_bus_set_server(bus, 1, id) : sd_bus_set_bus_client(bus, 1)) >= 0);
        REQUIRE(sd_bus_set_anonymous(bus, 1) >= 0);
        REQUIRE(sd_bus_attach_event(bus, loop, 0) >= 0);
        REQUIRE(sd_bus_start(bus) >= 0);
        return owned;
    }

    sd::BusMessage new_signal(const char* path, const char* interface, const char* member) {
        sd_bus_message* made = nullptr;
        REQUIRE(sd_bus_message_new_signal(server_.get(), &made, path, interface, member) >= 0);
        sd::BusMessage signal{made};
        REQUIRE(sd_bus_message_set_sender(made, sender.c_str()) >= 0);
        return signal;
    }

    void send(const sd::BusMessage& signal) {
        REQUIRE(sd_bus_send(server_.get(), signal.get(), nullptr) >= 0);
    }

    static int on_message(sd_bus_message* call, void* self, sd_bus_error*) noexcept {
        return static_cast<FakeManager*>(self)->answer(call);
    }

    int answer(sd_bus_message* call) {
        const char* const given = sd_bus_message_get_member(call);
        const std::string_view member = given ? given : "";
        if (member == "Hello")
            return sd_bus_reply_method_return(call, "s", ":1.7");
        if (member == "AddMatch" && refuse_matches)
            return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_LIMITS_EXCEEDED, "No more");
        if (member == "AddMatch" || member == "RemoveMatch")
            return sd_bus_reply_method_return(call, "");
        if (member == "GetNameOwner" && owner.empty())
            return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_NAME_HAS_NO_OWNER, "Nobody");
        if (member == "GetNameOwner")
            return sd_bus_reply_method_return(call, "s", owner.c_str());
        if (member == "ListUnitsByPatterns")
            return list(call);
        if (member == "Get" && hold) {
            held.emplace_back(sd_bus_message_ref(call));
            return 1;
        }
        if (member == "Get")
            return get(call);
        return 0;
    }

    int list(sd_bus_message* call) {
        ++lists;
        sd_bus_message* made = nullptr;
        int r = sd_bus_message_new_method_return(call, &made);
        const sd::BusMessage reply{made};
        if (r >= 0)
            r = sd_bus_message_open_container(made, 'a', "(ssssssouso)");
        for (const auto& [name, unit] : units)
            if (r >= 0 && unit.active == "active")
                r = sd_bus_message_append(made, "(ssssssouso)", name.c_str(), "", "loaded",
                                          "active", "running", "", object_of_unit(name)->c_str(), 0,
                                          "", "/");
        if (r >= 0)
            r = sd_bus_message_close_container(made);
        return r < 0 ? r : sd_bus_send(nullptr, made, nullptr) < 0 ? -EIO : 1;
    }

    int get(sd_bus_message* call) {
        const char* interface = nullptr;
        const char* name = nullptr;
        if (const int r = sd_bus_message_read(call, "ss", &interface, &name); r < 0)
            return r;
        const std::string_view property = name;
        ++gets_[name];
        const std::string unit = unit_of_object(sd_bus_message_get_path(call)).value_or("");
        if (!units.contains(unit)) { // The manager loads it, and drops it at once.
            ++loaded_by_get;
            return sd_bus_reply_method_return(call, "v", "s", "auto");
        }
        const UnitValues& values = units[unit].values;
        if (wrong_types || std::string_view{interface} != interface_of(unit))
            return sd_bus_reply_method_return(call, "v", "b", 1);
        if (property == "ManagedOOMSwap")
            return sd_bus_reply_method_return(call, "v", "s", values.swap.c_str());
        if (property == "ManagedOOMMemoryPressure")
            return sd_bus_reply_method_return(call, "v", "s", values.pressure.c_str());
        if (property == "ManagedOOMPreference")
            return sd_bus_reply_method_return(call, "v", "s", values.preference.c_str());
        if (property == "ControlGroup")
            return sd_bus_reply_method_return(call, "v", "s", values.control_group.c_str());
        if (property == "ManagedOOMMemoryPressureLimit")
            return sd_bus_reply_method_return(call, "v", "u", values.limit);
        if (property == "ManagedOOMMemoryPressureDurationUSec" && !old)
            return sd_bus_reply_method_return(call, "v", "t", values.duration);
        if (property == "OOMRules" && !old && values.rules.empty())
            return sd_bus_reply_method_return(call, "v", "as", 0);
        if (property == "OOMRules" && !old)
            return sd_bus_reply_method_return(call, "v", "as", 1, values.rules.front().c_str());
        return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_UNKNOWN_PROPERTY,
                                          "Unknown interface %s or property %s.", interface, name);
    }

    sd::Bus server_{};
    sd::Bus client_{};
    std::uint64_t clock_ = 0;
    std::map<std::string, int> gets_{};
};

} // namespace reapd
