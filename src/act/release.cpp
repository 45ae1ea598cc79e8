// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/syscalls.hpp"
#include "act/work.hpp"
#include "base/mrelease.hpp"

#include <unistd.h>

#include <chrono>

namespace reapd {
namespace {

using Clock = std::chrono::steady_clock;

// Both are short of the 5 s a recovery lasts, even for as many victims as are held that all refuse.
constexpr int busy_retries = 10;
constexpr useconds_t busy_pause = 2000;      // microseconds
constexpr std::size_t piece_size = 32 << 20; // 1 ms or so of a CPU

void count(std::atomic<std::uint32_t>& counter) noexcept {
    counter.fetch_add(1, std::memory_order_relaxed);
}

/// Retries while the kernel finds parts of the memory in use by others (EAGAIN).
int release_whole(Affair& affair, int pidfd) noexcept {
    int error = release_memory(pidfd);
    for (int retry = 0; error == EAGAIN && retry < busy_retries; ++retry) {
        count(affair.counters.eagain);
        ::usleep(busy_pause);
        error = release_memory(pidfd);
    }
    return error;
}

/// Until nobody waits for the memory any more; ECANCELED if that was so from the beginning. The
/// dying process frees the rest.
///
/// After each piece it pauses for as long as that took: a thread takes half of a CPU at most,
/// however much memory there is.
int release_in_pieces(Affair& affair, int pidfd) noexcept {
    int refused = 0; // in a row
    bool any = false;
    while (!affair.enough.load(std::memory_order_relaxed)) {
        const TimePoint began = Clock::now();
        const Piece piece = release_piece(pidfd, piece_size);
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

using Way = int (*)(Affair&, int) noexcept;

void release_by(Way way, Affair& affair, const VictimProcess& victim,
                Surroundings& around) noexcept {
    if (around.release_refused.load(std::memory_order_relaxed)) {
        count(affair.counters.refused);
        return;
    }
    int error = way(affair, victim.pidfd);
    // It is not dying: cgroup.kill passes over a process whose main thread has exited. Or it
    // dumps core, or shares its memory with one that lives; then the second call says so again.
    if (error == EINVAL && signal_pidfd(victim.pidfd, SIGKILL) == 0) {
        count(affair.counters.signalled);
        error = way(affair, victim.pidfd);
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

void release_victims(Affair& affair, Surroundings& around) noexcept {
    const bool pieces = affair.release == Release::Bounded && around.bounded_release;
    const Way way = pieces ? release_in_pieces : release_whole;
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
