// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the files of BusFace share. Not for others.
///
/// Functions that libsystemd calls are noexcept: it is C and must not be unwound. An exception
/// ends the program, and systemd starts it again.

#include "base/escape.hpp"
#include "tell/bus.hpp"
#include "tell/dump_files.hpp"
#include "tell/oom1_dump.hpp"

#include <map>
#include <string>
#include <vector>

namespace reapd {

namespace bus_name {
constexpr const char* service = "org.reapd1";
constexpr const char* path = "/org/reapd1";
constexpr const char* rule_prefix = "/org/reapd1/rule";
constexpr const char* manager = "org.reapd1.Manager";
constexpr const char* rule = "org.reapd1.Rule";
constexpr const char* log_control_path = "/org/freedesktop/LogControl1";
constexpr const char* log_control = "org.freedesktop.LogControl1";
constexpr const char* oom1_service = "org.freedesktop.oom1";
constexpr const char* oom1_path = "/org/freedesktop/oom1";
constexpr const char* oom1_manager = "org.freedesktop.oom1.Manager";
} // namespace bus_name

struct FaceState;

/// What stands on /org/reapd1/rule/NAME: the rule as it was when it was last told of.
struct RuleObject {
    FaceState* face = nullptr;
    Rule rule{};
};

struct FaceState {
    const Status& status;
    Journal& journal;
    BusCallbacks callbacks{};
    Authority authority{};
    sd_bus* bus = nullptr; ///< not owned; the slots keep it alive
    sd_bus* oom1_bus = nullptr;
    sd::BusSlot filter_slot{};
    sd::BusSlot manager_slot{};
    sd::BusSlot log_control_slot{};
    sd::BusSlot rules_slot{};
    sd::BusSlot nodes_slot{};
    sd::BusSlot object_manager_slot{};
    sd::BusSlot oom1_filter_slot{};
    sd::BusSlot oom1_slot{};
    std::map<std::string, RuleObject> rules{}; ///< by object path
    std::uint64_t lost = 0;
    DumpFiles dumps{};
    DumpFiles oom1_dumps{};
    std::optional<std::uint64_t> asked{}; ///< the action whose victim got SIGTERM

    /// Whether a message can go out now. Counts it as lost when too many wait already.
    bool may_send(sd_bus* to) noexcept;

    Result<> offer_rules(sd_bus* to) noexcept;
    /// Makes objects of the rules in force. Returns those that there were.
    std::map<std::string, RuleObject> take_rules();
};

int kill_cgroup(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept;
int freeze_cgroup(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept;
int thaw_cgroup(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept;
int reload_settings(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept;
int list_events(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept;

extern const sd_bus_vtable* const manager_vtable;
extern const sd_bus_vtable* const log_control_vtable;

/// Text that the bus takes: one byte that is not UTF-8 would make the whole message fail. The
/// strings of a Status are escaped already and stay as they are; this catches what was forgotten.
inline std::string sayable(std::string_view text) { return escape(unescape(text)); }

/// The object path of a rule. Stable: made of its name alone.
std::string rule_path(const std::string& name);

/// Appends an array of texts, which are escaped already. Returns 0 or a negative errno.
int append_strings(sd_bus_message* reply, const std::vector<std::string>& texts);

} // namespace reapd
