// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Killing one cgroup, or one process with its descendants, and taking the memory back.
///
/// This runs when memory is gone: after start() nothing here allocates, throws, opens a file by
/// path, or waits without a bound. Kernel calls that may wait run on the pool; the guard's own
/// part is bounded as written at each function. One kill at a time.

#include "act/kill_result.hpp"
#include "base/fd.hpp"
#include "base/release.hpp"
#include "base/release_calls.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>

namespace reapd {

struct Affair;

struct PoolSettings {
    std::uint32_t threads = 2;             ///< that release memory; three more wait for locks
    std::span<const std::uint16_t> cpus{}; ///< empty: any
    std::int32_t nice = -10;
    ReleaseOffers releases{}; ///< what the kernel has
};

/// What looking at a victim gave.
enum class Collected : std::uint8_t {
    Ready,
    Exempt, ///< oom_score_adj -1000 in every process or in the first (main) one
    Empty,  ///< no process
    Gone,   ///< the cgroup or process vanished: normal
    Denied, ///< EACCES or EPERM: cannot be read
};

struct Orders {
    bool whole = true;                ///< the cgroup, not only the collected processes
    std::span<const int> unit_dirs{}; ///< cgroups whose manager is to read user.oomd_ooms
    Release release = Release::Yes;
};

class Executioner {
public:
    Executioner();
    ~Executioner();
    Executioner(const Executioner&) = delete;
    Executioner& operator=(const Executioner&) = delete;

    /// Makes the threads, touches their stacks and all storage. `proc` is an open /proc, borrowed.
    /// Errors: errno of pthread_create(3).
    Result<> start(const PoolSettings& settings, int proc) noexcept;

    /// Step 2 of a kill: resolves the tree below `dir`, opens pidfds (bounded to 20 ms; what
    /// is not collected by then is opened after the kill), sorts them largest first. A pool thread
    /// looks; when the kernel holds it up for 100 ms, the answer is Ready with nothing collected:
    /// the list comes later, and nobody is spared for making us wait.
    Collected collect_cgroup(int dir) noexcept;

    /// The same for given processes of the cgroup `dir`, the main one first, and children they
    /// have had meanwhile.
    Collected collect_processes(int dir, std::span<const pid_t> pids) noexcept;

    /// Whether the last collection was Ready for want of an answer.
    bool late() const noexcept;

    /// Sends SIGTERM to what was collected, and nothing more: collect again before execute().
    void ask() noexcept;

    /// Steps 3 to 5: xattr, cgroup.kill, the signals, release. Returns when SIGKILL is sent to
    /// everything known: after at most 2 ms for the xattr plus 20 ms for cgroup.kill, or for
    /// stopping given processes, so that none forks meanwhile.
    void execute(const Orders& orders) noexcept;

    /// Steps 4 to 7 go on in the pool; the guard calls this while it watches the memory come
    /// back. `memory_back`: boosting is needless. Returns true when nothing is left to do. Waits
    /// as execute() does when a list of given processes comes late.
    bool poll(TimePoint now, bool memory_back) noexcept;

    /// Whether nobody waits for the memory at the moment: Release=bounded rests meanwhile.
    void relieve(bool relieved) noexcept;

    /// Ends the affair at the recovery's end: writes boosted values back, puts xattrs back when
    /// nothing was killed, closes every pidfd. Never waits for a pool thread that is stuck in the
    /// kernel; such a thread is counted and the pool goes on without it.
    void finish() noexcept;

    /// Of the last kill; after collecting it has the number of processes that were found.
    const KillResult& result() const noexcept;

    /// Goes through a whole kill on an empty cgroup of our own, so that code, stacks and
    /// permissions are there when they are needed. At start; takes up to 0.2 s.
    /// Errors: errno of cgroup.kill or of user.oomd_ooms; EBUSY: the cgroup is not empty.
    Result<> rehearse(int dir) noexcept;

    /// Whether a kill can begin: false while the pool is still held up by the last one.
    bool idle() const noexcept;

private:
    struct State;

    Collected begin(int dir, std::span<const pid_t> pids) noexcept;
    void kill(Affair& affair) noexcept;
    void kill_largest(Affair& affair) noexcept;
    void post_releases(Affair& affair) noexcept;
    void refresh() noexcept;

    std::unique_ptr<State> state_;
};

} // namespace reapd
