// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Processes that are to die, each held by a pidfd.

#include "act/procs.hpp"
#include "base/fd.hpp"
#include "base/units.hpp"

#include <sys/types.h>

#include <cstdint>
#include <span>

namespace reapd {

struct VictimProcess {
    pid_t pid = 0;
    int pidfd = -1;           ///< owned by the list
    std::uint32_t cgroup = 0; ///< number of its cgroup in the walk that found it
    bool listed = false;      ///< seen in cgroup.procs after the pidfd was opened
    Bytes memory{};           ///< resident and not shared: what its death gives back
};

/// A list in storage that others own: reused, never grown.
class VictimList {
public:
    explicit VictimList(std::span<VictimProcess> storage) noexcept : storage_{storage} {}
    ~VictimList() { clear(); }
    VictimList(const VictimList&) = delete;
    VictimList& operator=(const VictimList&) = delete;

    std::uint32_t size() const noexcept { return size_; }
    std::span<VictimProcess> all() noexcept { return storage_.first(size_); }
    std::span<const VictimProcess> all() const noexcept { return storage_.first(size_); }

    /// Whether processes were left out: the storage, the descriptors or the time ran out.
    bool cut_short() const noexcept { return cut_short_; }

    /// Linear: for the few that live on after a kill.
    bool holds(pid_t pid) const noexcept;

    /// Adds one process, not yet verified. False when no more can be added; a process that is
    /// gone already is left out and no failure.
    bool add(pid_t pid, std::uint32_t cgroup) noexcept;

    /// Adds every process that `procs` lists, until `deadline`.
    void add_listed(ProcsReader& procs, std::uint32_t cgroup, TimePoint deadline) noexcept;

    /// Reads `procs` again and drops what was added from index `from` on and is not listed now.
    ///
    /// A pid read from the file may be used by a stranger by the time its pidfd is opened. Listed
    /// once more with the pidfd open, it is the pidfd's process or one that came later with the
    /// same pid in the same cgroup; then the pidfd's is dead and signals through it reach nobody.
    void verify(ProcsReader& procs, std::uint32_t from) noexcept;

    /// Reads memory sizes until `deadline`, then sorts: largest first, unknown last.
    void sort_by_memory(const Fd& proc, TimePoint deadline) noexcept;

    /// Closes every pidfd.
    void clear() noexcept;

private:
    std::span<VictimProcess> storage_;
    std::uint32_t size_ = 0;
    bool cut_short_ = false;
};

} // namespace reapd
