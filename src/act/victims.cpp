// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/victims.hpp"

#include "act/proc_files.hpp"
#include "act/syscalls.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace reapd {

bool VictimList::holds(pid_t pid) const noexcept {
    return std::ranges::find(all(), pid, &VictimProcess::pid) != all().end();
}

bool VictimList::add(pid_t pid, std::uint32_t cgroup) noexcept {
    if (size_ == storage_.size()) {
        cut_short_ = true;
        return false;
    }
    const int pidfd = open_pidfd(pid);
    if (pidfd < 0) {
        const bool gone = errno == ESRCH;
        cut_short_ = cut_short_ || !gone;
        return gone;
    }
    storage_[size_++] = {.pid = pid, .pidfd = pidfd, .cgroup = cgroup};
    return true;
}

void VictimList::add_listed(ProcsReader& procs, std::uint32_t cgroup, TimePoint deadline) noexcept {
    // The clock costs a tenth of a pidfd, so it is read now and then.
    constexpr std::uint32_t between_looks = 32;
    for (std::uint32_t n = 1;; ++n) {
        const pid_t pid = procs.next();
        if (pid == 0 || !add(pid, cgroup))
            return;
        if (n % between_looks == 0 && std::chrono::steady_clock::now() >= deadline) {
            cut_short_ = true;
            return;
        }
    }
}

void VictimList::verify(ProcsReader& procs, std::uint32_t from) noexcept {
    const std::span<VictimProcess> added = all().subspan(from);
    std::ranges::sort(added, {}, &VictimProcess::pid);
    procs.rewind();
    // No further than needed: a list may be far longer than ours, and a fork bomb extends it
    // while it is read.
    for (std::size_t missing = added.size(); missing > 0;) {
        const pid_t pid = procs.next();
        if (pid == 0)
            break;
        const auto found = std::ranges::lower_bound(added, pid, {}, &VictimProcess::pid);
        if (found != added.end() && found->pid == pid && !found->listed) {
            found->listed = true;
            --missing;
        }
    }
    size_ = from;
    for (const VictimProcess& victim : added) {
        if (victim.listed)
            storage_[size_++] = victim;
        else
            ::close(victim.pidfd);
    }
}

void VictimList::sort_by_memory(const Fd& proc, TimePoint deadline) noexcept {
    for (VictimProcess& victim : all()) {
        if (std::chrono::steady_clock::now() >= deadline)
            break;
        victim.memory = read_private_memory(proc, victim.pid);
    }
    std::ranges::sort(all(), std::ranges::greater{}, &VictimProcess::memory);
}

void VictimList::clear() noexcept {
    for (const VictimProcess& victim : all())
        ::close(victim.pidfd);
    size_ = 0;
    cut_short_ = false;
}

} // namespace reapd
