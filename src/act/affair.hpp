// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// One kill from the first look at the victim to the last closed descriptor: everything that the
/// guard and the pool share about it. Several exist, so that a thread which the kernel holds up
/// in one kill does not hold up the next.

#include "act/futex.hpp"
#include "act/victims.hpp"
#include "base/fd.hpp"
#include "base/release.hpp"
#include "base/units.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace reapd {

constexpr std::size_t max_victims = 2048; ///< held by pidfd; more are dealt with after the kill
constexpr std::size_t max_places = 1024;  ///< cgroups of which the place in the tree is remembered
constexpr std::size_t max_units = 256;    ///< whose manager is told
constexpr std::size_t max_boosted = 32;   ///< cgroups that get CPU time

/// Where a victim was found.
struct CgroupPlace {
    CgroupId id{};
    std::uint32_t parent = 0;
};

/// A unit's cgroup and what its user.oomd_ooms was.
struct Unit {
    Fd dir{};
    std::array<char, 24> before{}; ///< text of the attribute
    int before_length = -1;        ///< -1: there was none
    bool marked = false;
};

/// A control file of the victim that was changed, with what it held.
struct SavedFile {
    const char* name = nullptr;
    std::array<char, 48> text{};
    std::uint32_t length = 0;
};

struct BoostedCgroup {
    Fd dir{};
    std::array<SavedFile, 3> files{};
    std::uint32_t file_count = 0;
};

/// What the pool counts while the guard reads.
struct Counters {
    std::atomic<std::uint32_t> later{0}; ///< processes found after the kill
    std::atomic<std::uint32_t> signalled{0};
    std::atomic<std::uint32_t> survivors{0};
    std::atomic<std::uint32_t> released{0};
    std::atomic<std::uint32_t> esrch{0};
    std::atomic<std::uint32_t> eagain{0};
    std::atomic<std::uint32_t> einval{0};
    std::atomic<std::uint32_t> refused{0};
    std::atomic<std::uint32_t> calls{0}; ///< release_call
    std::atomic<int> xattr_error{0};

    void clear() noexcept;
};

/// What the last look at the victim said.
enum class Seen : std::uint32_t { Nothing, Alive, Gone };

struct Affair {
    // Holding: the guard has one hold, each work of the pool one. The last to let go cleans up.
    std::atomic<bool> vacant{true};
    std::atomic<std::uint32_t> holds{0};

    // Set by the guard before work that reads it is handed over.
    Fd dir{};
    bool given = false; ///< the processes to kill were named; else all of `dir`
    bool whole = true;
    Release release = Release::Yes;
    unsigned int kill_flags = 0; ///< of pidfd_send_signal(2), with SIGKILL
    std::array<pid_t, max_victims> wanted{};
    std::uint32_t wanted_count = 0;
    std::array<Unit, max_units> units{};
    std::uint32_t unit_count = 0;

    // Set by the pool; each is read by others only after its Outcome.
    std::array<VictimProcess, max_victims> storage{};
    VictimList victims{storage};
    bool incomplete = false; ///< more processes may be there than `victims` holds
    bool memory_own = false; ///< the largest victim has had its memory to itself from the start
    std::array<CgroupPlace, max_places> places{};
    std::uint32_t place_count = 0;
    Outcome collected{}; ///< 1 + Collected
    Outcome marked{};
    Outcome killed{}; ///< 1 + errno of cgroup.kill; 1: named processes are signalled
    std::array<BoostedCgroup, max_boosted> boosted{};
    std::uint32_t boosted_count = 0;

    Counters counters{};
    std::atomic<std::uint32_t> next_release{0}; ///< index of the next victim to release
    std::atomic<std::uint32_t> releases_running{0};
    std::atomic<bool> enough{false};   ///< set by the guard: nobody waits for the memory any more
    std::atomic<bool> relieved{false}; ///< set by the guard: nobody does at the moment
    std::atomic<Seen> seen{Seen::Nothing};
    std::atomic<bool> looking{false};

    /// Takes a vacant affair, with one hold.
    void open() noexcept;

    /// Lets go. True for the last one, who then owns it alone and has to close() it.
    [[nodiscard]] bool let_go() noexcept;

    /// Closes every descriptor and makes the affair vacant.
    void close() noexcept;

    bool collected_done() const noexcept { return collected.get() != 0; }
    std::uint32_t processes() const noexcept;
};

} // namespace reapd
