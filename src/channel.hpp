// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// All that front and guard share: two bounded queues, two eventfds, and values in them.

#include "base/fd.hpp"
#include "base/queue.hpp"
#include "base/result.hpp"
#include "sense/table.hpp"
#include "settings/rule.hpp"
#include "tell/event.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace reapd {

/// A policy with what it says about every cgroup known when it was made. Kept by the front until
/// the guard has let go of it (EventKind::PolicyDone); its marks only until the guard has copied
/// them.
struct PolicyPackage {
    Policy policy{};
    std::vector<Marks> marks{}; ///< by slot
};

struct Request {
    enum class Kind : std::uint8_t {
        Add,       ///< a cgroup: slot, parent, id, dir (handed over), marks; born: just now
        Remove,    ///< slot
        Adopt,     ///< package
        NoTrigger, ///< slot, rule: nothing will wake the guard for this watch, so poll it
        Mark,      ///< slot, marks
        Kill,      ///< slot, id, order: a person asks for it
        Thawed,    ///< id: it is frozen for no rule any more
        Unseen,    ///< slot, unseen: whether it has children that cannot be followed
        Stop,
    };
    Kind kind = Kind::Stop;
    Slot slot = no_slot;
    Slot parent = no_slot;
    CgroupId id{};
    int dir = -1;
    Marks marks{};
    std::uint32_t rule = 0;
    std::uint64_t order = 0;
    bool unseen = false;
    bool born = false;
    const PolicyPackage* package = nullptr;
};

/// What a trigger in the guard's epoll set says of itself; fits epoll_data.u64.
struct TriggerTag {
    Slot slot = no_slot;
    std::uint8_t rule = 0;
    bool full = true;       ///< stall kind
    bool privileged = true; ///< window of our choice, else 2 s

    std::uint64_t packed() const noexcept {
        return std::uint64_t{1} << 63 | std::uint64_t{full} << 41 |
               std::uint64_t{privileged} << 40 | std::uint64_t{rule} << 32 | slot;
    }
    static TriggerTag unpacked(std::uint64_t word) noexcept {
        return {.slot = static_cast<Slot>(word),
                .rule = static_cast<std::uint8_t>(word >> 32),
                .full = (word >> 41 & 1) != 0,
                .privileged = (word >> 40 & 1) != 0};
    }
};

struct Channel {
    /// Errors: errno of eventfd(2).
    static Result<> open(Channel& channel) noexcept;

    Queue<Request, 1024> requests{};
    Queue<Event, 128> events{};
    Fd to_guard{};
    Fd to_front{};
    std::atomic<std::uint64_t> dropped_events{0};

    // The guard's state now. Not told by events, of which some may be dropped.
    std::atomic<std::uint32_t> armed{0};
    std::atomic<std::uint32_t> stuck{0};
    std::atomic<bool> acting{false};

    /// How the rules stand, by their index in the policy of this generation. It is 0 while the
    /// values of another policy take their place: what was read is right if it was the same before
    /// and afterwards. So values are written with release and read with acquire.
    struct Standing {
        std::atomic<std::uint64_t> generation{0};
        std::atomic<RuleMask> above{0}; ///< at the limit in one of their cgroups
        /// Of the most pressed armed cgroup, permyriad + 1; 0: none is armed.
        std::array<std::atomic<std::uint32_t>, max_rules> shares{};

        bool is_of(const Policy& policy) const noexcept {
            return generation.load(std::memory_order_acquire) == policy.generation;
        }
    };
    Standing standing{};
};

/// Adds one to an eventfd. Never waits: at its limit the reader is awake anyway.
void ring(const Fd& eventfd) noexcept;

/// Sets an eventfd back to 0.
void hush(const Fd& eventfd) noexcept;

} // namespace reapd
