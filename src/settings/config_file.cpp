// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/config_file.hpp"

#include "settings/setters.hpp"

#include <array>

namespace reapd {
namespace {

// Units without which nobody can use the machine, or ask it what happened. Whole paths, since a
// user who may make cgroups below user@.service could give one of them any unit's name.
constexpr std::string_view essential_units =
    // The journal, devices, names, users, and whoever else guards memory
    "system.slice/systemd-journald.service system.slice/systemd-udevd.service "
    "system.slice/systemd-logind.service system.slice/systemd-resolved.service "
    "system.slice/systemd-networkd.service system.slice/systemd-userdbd.service "
    "system.slice/systemd-oomd.service "
    // The bus and who decides what is allowed on it
    "system.slice/dbus.service system.slice/dbus-broker.service system.slice/polkit.service "
    // The way in
    "system.slice/NetworkManager.service system.slice/ssh.service system.slice/sshd.service "
    // Display managers; below lightdm and its like the display server runs too
    "system.slice/gdm.service system.slice/gdm3.service system.slice/sddm.service "
    "system.slice/lightdm.service system.slice/lxdm.service system.slice/xdm.service "
    "system.slice/greetd.service system.slice/plasmalogin.service "
    // Of each user: the service manager, the bus, the compositor
    "user.slice/user-*.slice/user@*.service/init.scope "
    "user.slice/user-*.slice/user@*.service/session.slice "
    "user.slice/user-*.slice/user@*.service/dbus.service "
    "user.slice/user-*.slice/user@*.service/app.slice/dbus.service "
    "user.slice/user-*.slice/user@*.service/app.slice/dbus-broker.service";

// A thread per CPU pays up to a handful: one release saturates the memory bus of small machines.
constexpr Range threads{0, 64};
constexpr Range niceness{-20, 19};
// Below 64 not even an idle desktop fits; a row is some 200 bytes of locked memory.
constexpr Range cgroups{64, 1'048'576};
constexpr Range events{16, 65'536};
// Reading cgroup files costs some microseconds each; above 5 s no rule's window would be measured.
constexpr Microseconds shortest_step = std::chrono::milliseconds{20};
constexpr Microseconds longest_step = std::chrono::seconds{5};

constexpr std::array<Setting<Config>, 12> settings{{
    {{"Reapd", "DryRun", "no", "Decide and tell, but kill nothing"},
     [](Config& config, std::string_view text) {
         return assign(config.dry_run, parse_bool(text));
     }},
    {{"Reapd", "ReaperThreads", "0", "Threads that take memory back; 0: one per CPU, at most 4"},
     [](Config& config, std::string_view text) {
         return assign(config.reaper_threads, parse_integer(text, threads));
     }},
    {{"Reapd", "ReaperCPUAffinity", "", "CPUs of these threads, as 0-3,5; empty: any", true},
     [](Config& config, std::string_view text) { return add_cpus(config.reaper_cpus, text); }},
    {{"Reapd", "ReaperNice", "-10", "Nice level of these threads"},
     [](Config& config, std::string_view text) {
         return assign(config.reaper_nice, parse_integer(text, niceness));
     }},
    {{"Reapd", "SampleIntervalSec", "100ms", "Shortest time between two measurements"},
     [](Config& config, std::string_view text) {
         return assign(config.sample_interval, parse_span(text, shortest_step, longest_step));
     }},
    {{"Reapd", "MaxCgroups", "16384", "How many cgroups are followed"},
     [](Config& config, std::string_view text) {
         return assign(config.max_cgroups, parse_integer(text, cgroups));
     }},
    {{"Reapd", "Essential", essential_units, "Units that are never victims (globs)", true},
     [](Config& config, std::string_view text) {
         return add_globs(config.essential, text, Root::Refused);
     }},
    {{"Reapd", "HistorySize", "128", "How many past events are kept for questions"},
     [](Config& config, std::string_view text) {
         return assign(config.history_size, parse_integer(text, events));
     }},
    {{"Reapd", "ManagedOOM", "yes", "Whether the ManagedOOM settings of units count"},
     [](Config& config, std::string_view text) {
         return assign(config.managed_oom, parse_bool(text));
     }},
    {{"Reapd", "DefaultMemoryPressureLimit", "60%", "For units that set no limit of their own"},
     [](Config& config, std::string_view text) {
         return assign(config.managed_pressure_limit, parse_share(text));
     }},
    {{"Reapd", "DefaultMemoryPressureDurationSec", "30s", "For units that set no duration"},
     [](Config& config, std::string_view text) {
         return assign(config.managed_pressure_duration,
                       parse_span(text, shortest_managed_duration, longest_managed_duration));
     }},
    {{"Reapd", "SwapUsedLimit", "90%", "Share of memory and of swap used, for ManagedOOMSwap"},
     [](Config& config, std::string_view text) {
         return assign(config.swap_used_limit, parse_share(text));
     }},
}};

} // namespace

std::span<const Setting<Config>> config_settings() noexcept { return settings; }

Config default_config() {
    Config config;
    for (const Setting<Config>& setting : settings)
        (void)setting.set(config, setting.name.fallback); // a test holds each to its table
    return config;
}

Config make_config(std::span<const SettingsFile> files, std::vector<Diagnostic>& diagnostics,
                   Config config) {
    for (const SettingsFile& file : files)
        apply(config_settings(), parse_ini(file.path, file.text, diagnostics), config, diagnostics);
    return config;
}

} // namespace reapd
