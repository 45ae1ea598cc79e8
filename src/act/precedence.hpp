// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// For threads that must work when nothing else does.

#include <sched.h>
#include <sys/resource.h>

namespace reapd {

/// Puts the calling thread above everything that the machine's users run, so that it does not wait
/// for a CPU.
inline void take_precedence() noexcept {
    const sched_param priority{.sched_priority = 10};
    // 0 is the calling thread, here and below.
    if (::sched_setscheduler(0, SCHED_RR, &priority) != 0)
        (void)::setpriority(PRIO_PROCESS, 0, -20); // Without CAP_SYS_NICE it stays ordinary.
}

} // namespace reapd
