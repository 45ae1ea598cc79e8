// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/syscalls.hpp"
#include "act/work.hpp"
#include "base/mrelease.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace reapd {
namespace {

using Clock = std::chrono::steady_clock;

// Both are short of the 5 s a recovery lasts, even for as many victims as are held that all refuse.
constexpr int busy_retries = 10;
constexpr useconds_t busy_pause = 2000;      // microseconds
constexpr std::size_t piece_size = 32 << 20; // 1 ms or so of a CPU
constexpr useconds_t relieved_pause = 5000;  // half of what the guard lets pass between two looks

void count(std::atomic<std::uint32_t>& counter) noexcept {
    counter.fetch_add(1, std::memory_order_relaxed);
}

void note_call(Affair& affair, std::uint32_t call, unsigned int flags) noexcept {
    const bool killed = (flags & release_kill) != 0;
    affair.counters.calls.fetch_or(call | (killed ? release_call::reap_kill : 0),
                                   std::memory_order_relaxed);
}

/// Retries while the kernel finds parts of the memory in use by others (EAGAIN). `flags` are for
/// the first call.
int release_whole(Affair& affair, int pidfd, unsigned int flags) noexcept {
    note_call(affair, release_call::whole, flags);
    int error = release_memory(pidfd, flags);
    for (int retry = 0; error == EAGAIN && retry < busy_retries; ++retry) {
        count(affair.counters.eagain);
        ::usleep(busy_pause);
        error = release_memory(pidfd);
    }
    return error;
}

/// Until nobody waits for the memory any more; ECANCELED if that was so from the beginning. The
/// dying process frees the rest. Rests while nobody waits for it at the moment.
///
/// After each piece it pauses for as long as that took: a thread takes half of a CPU at most,
/// however much memory there is.
int release_in_pieces(Affair& affair, int pidfd, unsigned int flags) noexcept {
    int refused = 0; // in a row
    bool any = false;
    while (!affair.enough.load(std::memory_order_relaxed)) {
        if (affair.relieved.load(std::memory_order_relaxed)) {
            ::usleep(relieved_pause);
            continue;
        }
        note_call(affair, release_call::bounded, flags);
        const TimePoint began = Clock::now();
        const Piece piece = release_piece(pidfd, piece_size, std::exchange(flags, 0));
        if (piece.error == EBUSY || piece.error == EAGAIN) {
            if (refused++ == busy_retries)
                return EAGAIN;
            count(affair.counters.eagain);
            ::usleep(busy_pause);
            continue;
        }
        if (piece.error != 0 || piece.freed == 0)
            return piece.error;
        refused = 0;
        any = true;
        const auto took = std::chrono::duration_cast<Microseconds>(Clock::now() - began);
        ::usleep(static_cast<useconds_t>(took.count()));
    }
    return any ? 0 : ECANCELED;
}

using Way = int (*)(Affair&, int, unsigned int) noexcept;

Way way_of(const Affair& affair, const Surroundings& around) noexcept {
    const bool pieces = affair.release == Release::Bounded && around.releases.bounded;
    return pieces ? release_in_pieces : release_whole;
}

void release_by(Way way, Affair& affair, const VictimProcess& victim, Surroundings& around,
                unsigned int flags = 0) noexcept {
    if (around.release_refused.load(std::memory_order_relaxed)) {
        count(affair.counters.refused);
        return;
    }
    int error = way(affair, victim.pidfd, flags);
    // One who shares its memory may not be signalled, and then nobody was: cgroup.kill is enough.
    if (flags != 0 && (error == EPERM || error == EBUSY))
        error = way(affair, victim.pidfd, 0);
    if (flags != 0 && (error == 0 || error == EAGAIN))
        count(affair.counters.signalled);
    // It is not dying: cgroup.kill passes over a process whose main thread has exited. Or it
    // dumps core, or shares its memory with one that lives; then the second call says so again.
    if (error == EINVAL && signal_pidfd(victim.pidfd, SIGKILL) == 0) {
        count(affair.counters.signalled);
        error = way(affair, victim.pidfd, 0);
    }
    switch (error) {
    case 0:
        count(affair.counters.released);
        break;
    case ESRCH:
        count(affair.counters.esrch);
        break;
    case EAGAIN: // Counted at each try.
    case ECANCELED:
        break;
    case EINVAL:
        count(affair.counters.einval);
        break;
    default:
        count(affair.counters.refused);
        if (error == EPERM || error == ENOSYS)
            around.release_refused.store(true, std::memory_order_relaxed);
    }
}

} // namespace

void release_one(Affair& affair, const VictimProcess& victim, Surroundings& around) noexcept {
    release_by(release_whole, affair, victim, around);
}

void reap_kill(Affair& affair, Surroundings& around) noexcept {
    release_by(way_of(affair, around), affair, affair.victims.all().front(), around, release_kill);
    affair.releases_running.fetch_sub(1, std::memory_order_release);
}

void release_victims(Affair& affair, Surroundings& around) noexcept {
    const Way way = way_of(affair, around);
    const std::span<const VictimProcess> victims = affair.victims.all();
    for (;;) {
        const std::uint32_t next = affair.next_release.fetch_add(1, std::memory_order_relaxed);
        if (next >= victims.size())
            break;
        release_by(way, affair, victims[next], around);
    }
    affair.releases_running.fetch_sub(1, std::memory_order_release);
}

} // namespace reapd
