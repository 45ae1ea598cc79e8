// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// One line for each check on the console, which `kernel/test` reads.

#include <stdbool.h>

/// "ok NAME" or "FAIL NAME"; name as by printf.
void check(bool good, const char* name, ...) __attribute__((format(printf, 2, 3)));

/// Whether a call ended in -1 with this errno; says so if not. Ask at once: it reads errno.
bool fails_with(long result, int error);

/// Whether a call did not end in -1; says so if not.
bool succeeds(long result);

/// "skip NAME: REASON".
void skip(const char* name, const char* reason);

/// "info TEXT".
void info(const char* text, ...) __attribute__((format(printf, 1, 2)));

/// Ends the run if what the checks themselves need did not work.
void need(bool good, const char* what);
