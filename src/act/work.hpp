// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The kernel calls of a kill that may wait, each done by a thread of the pool.

#include "act/affair.hpp"
#include "act/walk.hpp"
#include "base/release_calls.hpp"

#include <poll.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace reapd {

enum class Work : std::uint8_t {
    Collect,  ///< open pidfds, verify, sort
    Mark,     ///< user.oomd_ooms
    Kill,     ///< cgroup.kill, or SIGKILL to named processes; then user.oomd_kill
    ReapKill, ///< the same moment: the largest victim, killed and released in one call
    Release,  ///< process_mrelease over the victims that nobody has taken yet
    Boost,    ///< CPU time for a starved victim
    Look,     ///< is it gone? Signals what lives on
    End,      ///< nothing: whoever lets go last writes back what was changed
};

/// What one thread needs besides its stack, made at start.
struct Scratch {
    Walk walk{};
    std::array<char, 16384> text{};
    std::array<VictimProcess, 2048> storage{};
    std::array<pollfd, 512> polled{};
};

/// What all kills share.
struct Surroundings {
    Fd proc{};                                ///< /proc
    std::atomic<bool> release_refused{false}; ///< EPERM or ENOSYS once: not tried again
    ReleaseOffers releases{};                 ///< what the kernel has
};

void collect(Affair& affair, Scratch& scratch, const Surroundings& around) noexcept;

/// Reads and writes user.oomd_ooms + 1. The service manager compares it when the cgroup runs
/// empty, so it must grow before.
void mark_units(Affair& affair) noexcept;
/// user.oomd_kill += processes of each unit.
void count_units(Affair& affair) noexcept;
/// Puts user.oomd_ooms back: nothing died.
void unmark_units(Affair& affair) noexcept;

/// Kills the whole cgroup; sets `killed`.
void kill_whole(Affair& affair, Scratch& scratch) noexcept;

/// SIGKILL to the collected processes and to what they fork meanwhile; sets `killed`.
void kill_family(Affair& affair, Scratch& scratch, Surroundings& around) noexcept;

/// For kernels without cgroup.kill (before 5.14): freezes, signals until nothing new appears,
/// thaws. True when the cgroup ran empty or nothing new appeared.
bool kill_by_freezing(Affair& affair, Scratch& scratch) noexcept;

/// `signal` to every collected process; no lock of the cgroup tree is needed for it.
void signal_victims(Affair& affair, int signal) noexcept;

/// SIGKILL to one process, expedited if the affair asks for that. Only who may not be dying yet is
/// killed so once more: each call gives a worker of the kernel something to do, be it that it finds
/// the memory released.
void kill_process(Affair& affair, const VictimProcess& victim) noexcept;

/// Signals and releases what is listed in the tree now; returns how many are.
std::uint32_t sweep(Affair& affair, Scratch& scratch, Surroundings& around) noexcept;

void release_victims(Affair& affair, Surroundings& around) noexcept;
/// Kills and releases the largest victim in one call, if the kernel lets us; else releases it.
void reap_kill(Affair& affair, Surroundings& around) noexcept;
/// Whole, whatever the rule says: whoever looks must not be held up.
void release_one(Affair& affair, const VictimProcess& victim, Surroundings& around) noexcept;

void boost(Affair& affair, Scratch& scratch, const Surroundings& around) noexcept;
void unboost(Affair& affair) noexcept;

/// Sets `seen` and `survivors`; kills again what lives on.
void look(Affair& affair, Scratch& scratch, Surroundings& around) noexcept;

} // namespace reapd
