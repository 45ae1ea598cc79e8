// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Keeping our own memory in RAM: what was touched once never has to be read back from a disk
/// that is busy with everybody else's.

#include "base/result.hpp"

#include <cstddef>

namespace reapd {

/// Locks all memory of the process, that of the future included, page by page as it is touched
/// (whole stacks of 8 MiB would be locked otherwise; and for a first byte a huge page of 2 MiB, so
/// that those are switched off). What is large and freed goes back to the kernel at once.
/// Errors: EPERM, ENOMEM: neither CAP_IPC_LOCK nor a sufficient RLIMIT_MEMLOCK.
/// Source: mlockall(2), MCL_ONFAULT.
Result<> lock_memory() noexcept;

/// Touches the stack of the calling thread below the present frame. Sanitizers and frames above
/// need some of the pool's 128 KiB, too.
void prefault_stack() noexcept;

/// Reads in the code and constants of the program and of the C library, so that the first kill does
/// not wait for the disk. What it takes of other libraries (the clock of C++) comes in with the
/// rehearsal. Errors: EINVAL before Linux 5.14; then only what ran is in memory.
/// Source: madvise(2), MADV_POPULATE_READ.
Result<> prefault_code() noexcept;

} // namespace reapd
