// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The groups of checks, by the names they have on the kernel's command line.

void check_absent(void);    ///< a kernel without the call says so
void check_semantics(void); ///< what process_mrelease() answers
void check_kinds(void);     ///< which memory goes and which stays
void check_bounds(void);    ///< PROCESS_MRELEASE_BOUNDED
void check_kills(void);     ///< PROCESS_MRELEASE_REAP_KILL
void check_expedite(void);  ///< PIDFD_SIGNAL_EXPEDITE_MM_RECLAIM
void check_races(void);     ///< callers against exits, a few
void check_stress(void);    ///< the same, many
void run_selftests(void);   ///< what the series brings for the kernel's own selftests
void run_native(void);      ///< what the daemon's tests say of its use of all this
void check_daemon(void);    ///< reapd itself
void show_late(void);       ///< how long the memory of starved victims takes

/// Takes memory and waits for its end.
void hog(void);

/// Program that the kernel starts to take a core dump; it does not until it is killed.
void hold_core(void);
