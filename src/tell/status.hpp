// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the daemon shows of itself. Written by the front, read by bus and dump; nothing flows
/// back from it. Every string in here is already escaped.

#include "sense/features.hpp"
#include "settings/diagnostic.hpp"
#include "settings/rule.hpp"
#include "tell/history.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reapd {

/// A watched cgroup as one rule sees it.
struct Watched {
    std::string rule{};
    std::string cgroup{};        ///< "/" or "/system.slice"
    bool triggered = false;      ///< a kernel trigger stands on it
    bool privileged = false;     ///< with a window of our choice
    std::string trigger_error{}; ///< why not
};

/// How a rule stands and what it has done. Outlives a reload, as the rule does.
struct RuleNumbers {
    bool above = false;                ///< its pressure is at the limit in one of its cgroups
    std::uint64_t last_acted_usec = 0; ///< realtime; 0: never
    std::uint64_t acted = 0;
};

struct Status {
    std::string state = "idle"; ///< idle, watching, acting, stuck, degraded
    std::vector<std::string> features{};
    std::uint64_t kills = 0;
    std::uint64_t released_bytes = 0;
    std::uint64_t dropped_events = 0;  ///< by the guard, its queue being full
    std::uint64_t dropped_entries = 0; ///< journal entries that could not be sent
    std::uint64_t cgroups = 0;         ///< followed now
    std::uint64_t cgroups_left_out = 0;
    std::shared_ptr<const Policy> policy{};
    bool builtin_rules = false;
    std::vector<Diagnostic> diagnostics{}; ///< of the newest load
    std::vector<Watched> watched{};
    std::map<std::string, RuleNumbers, std::less<>> rule_numbers{}; ///< by the rule's raw name
    History history{};
    std::vector<std::string> rivals{}; ///< services of other killers that are active now
};

} // namespace reapd
