// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What a person asked for, as values: one rule, and everything together as a policy. Made from
/// text by the rest of this folder, read by `decide`, never changed once it is made.

#include "base/advice.hpp"
#include "base/release.hpp"
#include "base/units.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// How many rules one policy can hold: a cgroup remembers which rules mean it in one word.
constexpr std::size_t max_rules = 64;

/// Stall time that is too much: at least `share` of any `window`.
struct PressureLimit {
    Permyriad share{};
    Microseconds window{};
    bool operator==(const PressureLimit&) const = default;
};

/// A limit on an amount, as "<10%" or ">2G". Percentages are of the whole the setting names (RAM
/// for MemoryAvailable=, swap for SwapFree=).
struct AmountLimit {
    enum class Side : std::uint8_t { Below, Above };
    Side side = Side::Below;
    std::optional<Permyriad> share{}; ///< set: relative; unset: `bytes` is the limit
    Bytes bytes{};
    bool operator==(const AmountLimit&) const = default;
};

/// All that are set must hold.
struct When {
    std::optional<PressureLimit> pressure_some{};
    std::optional<PressureLimit> pressure_full{};
    std::optional<AmountLimit> memory_available{};
    std::optional<AmountLimit> swap_free{};
    std::optional<AmountLimit> swap_used{};      ///< holds only where there is swap
    std::optional<AmountLimit> memory_current{}; ///< of the watched cgroup, as the next two
    std::optional<Bytes> memory_growth{};        ///< more than this a second
    std::optional<std::uint64_t> refaults{};     ///< more pages than this a second
    Microseconds lasting{};                      ///< for so long all of the others must hold
    bool operator==(const When&) const = default;
};

/// Whether a rule asks for numbers of the watched cgroup beside its pressure.
inline bool asks_cgroup(const When& when) noexcept {
    return when.memory_current || when.memory_growth || when.refaults;
}

/// Whether it asks for amounts at all, be it of the machine or of the watched cgroup.
inline bool asks_amounts(const When& when) noexcept {
    return when.memory_available || when.swap_free || when.swap_used || asks_cgroup(when);
}

/// Whether it has no pressure condition: it looks at amounts on a timer.
inline bool amounts_only(const When& when) noexcept {
    return !when.pressure_some && !when.pressure_full;
}

/// What is one victim.
enum class Among : std::uint8_t {
    Leaves,    ///< a cgroup without children, or with memory.oom.group=1
    Children,  ///< a child of the watched cgroup with all below it
    Self,      ///< the watched cgroup
    Processes, ///< one process with its descendants inside a leaf
};

/// Who dies first: who has most of it. The kernel numbers cgroups in the order they are made.
enum class Order : std::uint8_t { Growth, Size, Swap, Pressure, Reclaim, Refaults, Oldest, Newest };

enum class Action : std::uint8_t {
    Log,
    Hint,    ///< tell the kernel which memory of idle processes is not needed
    Reclaim, ///< have the kernel take memory from an idle cgroup
    Freeze,  ///< stop it where it is and page it out, for a while
    Kill,
};

/// Whether an action takes memory from who does not use it, and nobody dies.
constexpr bool cools(Action action) noexcept {
    return action == Action::Hint || action == Action::Reclaim;
}

/// How Do=hint and Do=reclaim go about it.
struct Cooling {
    Advice advice = Advice::Auto;
    Bytes budget = mib(256);                         ///< of one round
    Microseconds idle = std::chrono::minutes{1};     ///< without work before; 0: whoever it is
    Microseconds interval = std::chrono::seconds{5}; ///< from one round to the next, at least
    std::optional<std::uint32_t> swappiness{};       ///< of Do=reclaim; empty: the kernel's
    bool freeze = false;                             ///< stands still while Do=hint looks at it
    bool operator==(const Cooling&) const = default;
};

/// What becomes of the frozen when their time is over.
enum class FreezeThen : std::uint8_t { Thaw, Kill };

/// How Do=freeze goes about it.
struct Freezing {
    Microseconds longest = std::chrono::minutes{5};
    FreezeThen then = FreezeThen::Thaw;
    bool operator==(const Freezing&) const = default;
};

/// A login on a console, over ssh or on a screen, with all that is started in it: the user's shell,
/// and where the desktop is none of his service manager's, the desktop. PID 1 makes them, and
/// nobody else can.
constexpr const char* logins = "user.slice/user-*.slice/session-*.scope";

struct Victim {
    Among among = Among::Leaves;
    std::vector<Order> order{Order::Growth, Order::Size};
    std::vector<std::string> prefer{};       ///< globs; victims before all others
    std::vector<std::string> avoid{};        ///< globs; victims when nothing else is left
    std::vector<std::string> protect{};      ///< globs; never victims
    std::vector<std::uint32_t> users{};      ///< only what these have below user.slice; empty: all
    std::vector<std::string> processes_in{}; ///< globs; one process in them is a victim, not they
    Bytes minimum_size = mib(50);
    Bytes minimum_swap{}; ///< of it in swap; not for files: of rules that are about swap alone
    bool operator==(const Victim&) const = default;
};

/// A cgroup that somebody asked to be watched: the one at exactly this path, if its directory
/// belongs to `owner` or if that is root.
struct Claimed {
    std::string path{}; ///< no slash in front; "" is the root
    std::uint32_t owner = 0;
    bool operator==(const Claimed&) const = default;
};

struct Rule {
    std::string name{}; ///< file name without ".rule"
    std::string file{}; ///< where it was read
    std::string description{};
    std::vector<std::string> watch{}; ///< globs, no slash in front; "/" is the root
    std::vector<Claimed> claimed{};   ///< besides
    When when{};
    Victim victim{};
    Action action = Action::Kill;
    Release release = Release::Yes;
    Microseconds grace{};          ///< from SIGTERM to SIGKILL; 0: SIGKILL at once
    Microseconds cooldown{};       ///< after a kill the rule rests; 0: only until it is over
    std::uint32_t max_useless = 2; ///< kills in a row that may give nothing back
    Cooling cooling{};
    Freezing freezing{};
    bool operator==(const Rule&) const = default;
};

/// Whether it takes memory away to swap: what is only called cold stays where it is.
inline bool moves_to_swap(const Rule& rule) noexcept {
    return cools(rule.action) &&
           (rule.action != Action::Hint || rule.cooling.advice != Advice::Cold);
}

/// Whether who is chosen stands still: a part of a session that dies comes back, one that stands
/// still takes the session with it.
inline bool stops(const Rule& rule) noexcept {
    return rule.action == Action::Freeze || rule.cooling.freeze;
}

/// Of ManagedOOMMemoryPressureDurationSec= and its default: the average that they are compared with
/// moves that slowly, and adding one to a time must not overflow.
constexpr Microseconds shortest_managed_duration = std::chrono::seconds{1};
constexpr Microseconds longest_managed_duration = std::chrono::days{1};

/// reapd.conf.
struct Config {
    bool dry_run = false;
    std::uint32_t reaper_threads = 0;         ///< 0: as many as CPUs, at most 4
    std::vector<std::uint16_t> reaper_cpus{}; ///< empty: any
    std::int32_t reaper_nice = -10;
    Microseconds sample_interval = std::chrono::milliseconds{100};
    std::uint32_t max_cgroups = 16384;
    std::vector<std::string> essential{}; ///< globs on paths or unit names; never victims
    std::uint32_t history_size = 128;
    bool managed_oom = true; ///< whether ManagedOOM* of units counts
    Permyriad managed_pressure_limit{6000};
    Microseconds managed_pressure_duration = std::chrono::seconds{30};
    Permyriad swap_used_limit{9000};
    bool operator==(const Config&) const = default;
};

/// How the names of rules begin that are made of what units ask for; those that name an OomdRule
/// have a longer beginning. No file may have such a name.
constexpr std::string_view managed_prefix = "ManagedOOM";
constexpr std::string_view oomd_rule_prefix = "ManagedOOMRule-";

/// A rule of systemd-oomd. It is about each cgroup whose unit names it with OOMRules=; both
/// conditions must hold, and above means more than.
struct OomdRule {
    enum class Kill : std::uint8_t {
        All,       ///< the cgroup itself with everything below it
        ByReclaim, ///< who was reclaimed from most
        BySwap,    ///< who has most in the swap
    };
    std::string file{};                        ///< where it was read
    std::optional<Permyriad> pressure_above{}; ///< the cgroup's, full, over ten seconds
    std::optional<Permyriad> swap_above{};     ///< of the machine's swap
    Kill kill = Kill::All;
    Microseconds lasting{}; ///< for so long the conditions must hold
    bool operator==(const OomdRule&) const = default;
};

struct Policy {
    std::uint64_t generation = 0; ///< grows with every reload
    Config config{};
    std::vector<Rule> rules{}; ///< at most max_rules; in the order of their file names
    std::map<std::string, OomdRule> oomd_rules{}; ///< by their names, without ".oomrule"
    bool operator==(const Policy&) const = default;
};

} // namespace reapd
