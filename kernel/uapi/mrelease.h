/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REAPD_KERNEL_UAPI_MRELEASE_H
#define REAPD_KERNEL_UAPI_MRELEASE_H

/**
 * Numbers of the extensions in kernel/series, for C and C++. The patches have the same ones.
 *
 * A kernel without a flag refuses it with EINVAL before it looks at the descriptor, so a call with
 * the descriptor -1 asks for it and does nothing: EBADF says that it is there.
 */

/** On every architecture but alpha, which has 558. */
#define REAPD_NR_PROCESS_MRELEASE 448

/** process_mrelease(): send SIGKILL first, to all who share the memory. */
#define REAPD_MRELEASE_REAP_KILL (1U << 0)

/** process_mrelease(): the third argument, an unsigned long, is the most bytes to unmap; not 0. */
#define REAPD_MRELEASE_BOUNDED (1U << 30)

/**
 * pidfd_send_signal(): with SIGKILL, let the kernel free the memory. Never ask for bit 0: since
 * Linux 6.9 that is PIDFD_SIGNAL_THREAD.
 */
#define REAPD_PIDFD_SIGNAL_EXPEDITE (1U << 31)

#endif
