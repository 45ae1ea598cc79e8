// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What came of a kill, in numbers. Trivially copyable: it travels from guard to front.

#include "base/units.hpp"

#include <cstdint>

namespace reapd {

struct KillResult {
    std::uint32_t processes = 0; ///< pidfds collected before and after the kill
    std::uint32_t signalled = 0; ///< by pidfd, besides cgroup.kill
    std::uint32_t survivors = 0; ///< still listed at the last look
    Microseconds until_signal{}; ///< from execute() to SIGKILL on everything known
    int kill_error = 0;          ///< errno of cgroup.kill; 0: done; ENOSYS: signalled by pidfd
    bool kill_late = false;      ///< the pool had not killed after 20 ms; the guard signalled
    int xattr_error = 0;         ///< errno of user.oomd_ooms; 0: written
    bool boosted = false;
    std::uint32_t released = 0; ///< process_mrelease: done
    std::uint32_t esrch = 0;    ///< frees itself
    std::uint32_t eagain = 0;   ///< retries
    std::uint32_t einval = 0;   ///< dumping core, or memory shared with a living process
    std::uint32_t refused = 0;  ///< EPERM, ENOSYS or another errno
    std::uint32_t calls = 0;    ///< release_call: what was called for that
    std::uint32_t held_up = 0;  ///< pool threads still in the kernel when the recovery ended

    bool operator==(const KillResult&) const = default;
};

} // namespace reapd
