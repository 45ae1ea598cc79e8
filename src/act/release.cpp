// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/syscalls.hpp"
#include "act/work.hpp"

#include <unistd.h>

namespace reapd {
namespace {

// Both are short of the 5 s a recovery lasts, even for 4096 victims that all refuse.
constexpr int busy_retries = 10;
constexpr useconds_t busy_pause = 2000; // microseconds

void count(std::atomic<std::uint32_t>& counter) noexcept {
    counter.fetch_add(1, std::memory_order_relaxed);
}

/// Retries while the kernel finds parts of the memory in use by others (EAGAIN).
int release_patiently(Affair& affair, int pidfd) noexcept {
    int error = release_memory(pidfd);
    for (int retry = 0; error == EAGAIN && retry < busy_retries; ++retry) {
        count(affair.counters.eagain);
        ::usleep(busy_pause);
        error = release_memory(pidfd);
    }
    return error;
}

} // namespace

void release_one(Affair& affair, const Victim& victim, Surroundings& around) noexcept {
    if (around.release_refused.load(std::memory_order_relaxed)) {
        count(affair.counters.refused);
        return;
    }
    int error = release_patiently(affair, victim.pidfd);
    // It is not dying: cgroup.kill passes over a process whose main thread has exited. Or it
    // dumps core, or shares its memory with one that lives; then the second call says so again.
    if (error == EINVAL && signal_pidfd(victim.pidfd, SIGKILL) == 0) {
        count(affair.counters.signalled);
        error = release_patiently(affair, victim.pidfd);
    }
    switch (error) {
    case 0:
        count(affair.counters.released);
        break;
    case ESRCH:
        count(affair.counters.esrch);
        break;
    case EAGAIN:
        break; // Counted at each try.
    case EINVAL:
        count(affair.counters.einval);
        break;
    default:
        count(affair.counters.refused);
        if (error == EPERM || error == ENOSYS)
            around.release_refused.store(true, std::memory_order_relaxed);
    }
}

void release_victims(Affair& affair, Surroundings& around) noexcept {
    const std::span<const Victim> victims = affair.victims.all();
    for (;;) {
        const std::uint32_t next = affair.next_release.fetch_add(1, std::memory_order_relaxed);
        if (next >= victims.size())
            break;
        release_one(affair, victims[next], around);
    }
    affair.releases_running.fetch_sub(1, std::memory_order_release);
}

} // namespace reapd
