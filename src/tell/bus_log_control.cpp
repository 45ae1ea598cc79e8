// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus_state.hpp"

#include <algorithm>

namespace reapd {
namespace {

/// Names of syslog priorities, 0 first, as `systemctl service-log-level` takes them.
constexpr std::array<const char*, 8> levels{"emerg",   "alert",  "crit", "err",
                                            "warning", "notice", "info", "debug"};

Journal& journal_of(void* userdata) { return static_cast<FaceState*>(userdata)->journal; }

int get_level(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
              sd_bus_error*) noexcept {
    const auto index = static_cast<std::size_t>(journal_of(userdata).level());
    return sd_bus_message_append(reply, "s", levels[std::min(index, levels.size() - 1)]);
}

int set_level(sd_bus*, const char*, const char*, const char*, sd_bus_message* value, void* userdata,
              sd_bus_error* error) noexcept {
    const char* name = nullptr;
    if (const int r = sd_bus_message_read(value, "s", &name); r < 0)
        return r;
    const auto* const found = std::ranges::find(levels, std::string_view{name});
    if (found == levels.end())
        return sd_bus_error_setf(error, bus_error::bad_log_level,
                                 "\"%s\" is no log level; there are emerg, alert, crit, err, "
                                 "warning, notice, info and debug.",
                                 name);
    journal_of(userdata).set_level(static_cast<int>(found - levels.begin()));
    return 0;
}

int get_target(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
               void* userdata, sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "s", std::string{journal_of(userdata).target()}.c_str());
}

int set_target(sd_bus*, const char*, const char*, const char*, sd_bus_message* value,
               void* userdata, sd_bus_error* error) noexcept {
    const char* name = nullptr;
    if (const int r = sd_bus_message_read(value, "s", &name); r < 0)
        return r;
    const std::string_view target = name;
    if (target != "journal" && target != "console")
        return sd_bus_error_setf(error, bus_error::bad_log_target,
                                 "\"%s\" is no log target; there are journal and console.", name);
    journal_of(userdata).set_console(target == "console");
    return 0;
}

int get_identifier(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*,
                   sd_bus_error*) noexcept {
    return sd_bus_message_append(reply, "s", "reapd");
}

constexpr sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_WRITABLE_PROPERTY("LogLevel", "s", get_level, set_level, 0, 0),
    SD_BUS_WRITABLE_PROPERTY("LogTarget", "s", get_target, set_target, 0, 0),
    SD_BUS_PROPERTY("SyslogIdentifier", "s", get_identifier, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

} // namespace

const sd_bus_vtable* const log_control_vtable = vtable;

} // namespace reapd
