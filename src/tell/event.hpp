// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the guard says to the front. Fixed size, no names, no pointers into the guard: the front
/// maps ids to names when it tells people.

#include "act/kill_result.hpp"
#include "base/units.hpp"
#include "decide/stuck_reason.hpp"
#include "sense/meminfo.hpp"
#include "settings/rule.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace reapd {

enum class EventKind : std::uint8_t {
    Armed,       ///< pressure began: the guard samples
    Disarmed,    ///< it sleeps again
    Acted,       ///< a victim was signalled (or would have been: `dry_run`; or only logged: Do=log)
    Completed,   ///< the recovery after it ended
    FreezeOver,  ///< what a rule froze is to be thawed, or is thawed: `victim`
    Stuck,       ///< pressure, but nothing may or would help
    Unstuck,     ///< that pressure ended
    Relieved,    ///< pressure was gone when it was read again before the kill: nothing died
    TriggerLost, ///< nothing wakes the guard for this watch any more; it polls
    PolicyDone,  ///< the policy of `generation` is no longer used
    Crossed,     ///< pressure of a watched cgroup went over the rule's limit or fell below: `above`
    Refused,     ///< what `order` asked for cannot be done: `refusal`
    HeldUp,      ///< to cool or to freeze `victim` takes far too long: `means`
    GuardError,  ///< something unexpected, `error_call` and `error_code`
};

/// One line of the ranking.
struct Ranked {
    CgroupId cgroup{};
    std::int32_t pid = 0; ///< of the one process; 0: the whole cgroup
    Bytes current{};
    Bytes promise{};         ///< anonymous + swap: what the kill gives back
    std::int64_t growth = 0; ///< bytes per second; 0 when unknown
    bool growth_known = false;
    Bytes gained{}; ///< in the last minute
    Bytes swap{};
    std::optional<std::uint64_t> scan_rate{};    ///< pages a second that reclaim looks at in it
    std::optional<std::uint64_t> refault_rate{}; ///< pages a second that it reads again
    std::optional<Permyriad> stall{};            ///< share of the time that it stood still
    std::int8_t preference = 0;                  ///< 1: Prefer=, -1: Avoid=
    bool exempt = false;                         ///< passed over: oom_score_adj -1000, or gone
};

constexpr std::size_t ranked_shown = 16;

/// Event::rule of what no rule decided.
constexpr std::uint32_t no_rule = ~std::uint32_t{0};

/// Why the guard does not kill what a person asked it to.
enum class OrderRefusal : std::uint8_t {
    None,
    Gone,   ///< there is no such cgroup any more
    Busy,   ///< another kill is under way
    Empty,  ///< there is no process in it
    Exempt, ///< oom_score_adj -1000
    Denied, ///< its processes cannot be read
};

/// What came of cooling a cgroup, in all rounds of an episode.
struct CooledSum {
    std::uint32_t rounds = 0;
    Bytes moved{};               ///< out of memory
    Bytes marked{};              ///< address space that was called cold
    Bytes back{};                ///< read again in the seconds after, beyond what is usual
    Microseconds stalled{};      ///< for so long it waited for memory then, likewise
    std::uint32_t processes = 0; ///< that hints were about; as the next two, of the largest round
    std::uint32_t refused = 0;   ///< of which reapd may not touch the memory
    std::uint32_t skipped = 0;   ///< ranges that the kernel refused
    std::uint32_t gone = 0;      ///< processes that ended meanwhile
    int error = 0;               ///< errno of what else went wrong first
    bool operator==(const CooledSum&) const = default;
};

struct Event {
    EventKind kind = EventKind::Armed;
    OrderRefusal refusal = OrderRefusal::None; ///< Refused
    TimePoint at{};
    std::uint64_t action = 0;     ///< number of the action; Acted and Completed share it
    std::uint64_t order = 0;      ///< number of the order that it is about; 0: a rule decided
    std::uint64_t generation = 0; ///< of the policy that `rule` counts in
    std::uint32_t rule = 0;
    CgroupId watched{}; ///< whose pressure counted
    CgroupId victim{};
    std::int32_t victim_pid = 0;        ///< of the one process; 0: the whole cgroup
    std::array<char, 16> victim_name{}; ///< comm of that process
    Action means = Action::Kill;        ///< Acted, Completed, Stuck: what is or was to be done
    bool dry_run = false;
    bool logged_only = false; ///< Do=log
    bool was_frozen = false;  ///< Acted: killed because the time that it stood frozen is over
    bool above = false;       ///< Crossed
    FreezeThen then = FreezeThen::Thaw; ///< of a freeze
    Microseconds frozen_for{};          ///< the longest that it is; FreezeOver: that it was
    Microseconds grace{}; ///< Acted: by SIGTERM, and so long until SIGKILL; 0: by SIGKILL

    std::uint32_t pressure = 0; ///< measured share, permyriad
    bool pressure_full = true;
    Microseconds window{};
    std::optional<MemInfo> memory{};
    std::optional<Bytes> current{};          ///< of the watched cgroup, as the next two: what the
    std::optional<std::int64_t> growth{};    ///< rule asks for; bytes a second
    std::optional<std::uint64_t> refaults{}; ///< pages a second
    Microseconds since_armed{};              ///< from the wake-up to the decision

    Bytes promise{};
    Bytes released{};              ///< Completed
    Microseconds until_half{};     ///< from the signal until 50 % were back; 0: not seen
    Microseconds until_released{}; ///< until 95 % were back; 0: not within the deadline
    bool useless = false;          ///< Completed: gave too little
    std::uint32_t pressure_after = 0;
    CooledSum cooled{}; ///< Completed, of Do=hint and Do=reclaim
    KillResult kill{};  ///< of a freeze, until_signal: until it stood still; 0: not seen

    const char* error_call = ""; ///< GuardError; a literal
    int error_code = 0;

    StuckReason stuck = StuckReason::None;
    std::uint32_t candidates = 0; ///< how many there were
    std::uint32_t ranking_used = 0;
    std::array<Ranked, ranked_shown> ranking{};
};

} // namespace reapd
