// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void check(bool good, const char* name, ...) {
    va_list arguments;
    va_start(arguments, name);
    printf(good ? "ok " : "FAIL ");
    vprintf(name, arguments);
    putchar('\n');
    va_end(arguments);
}

bool fails_with(long result, int error) {
    if (result == -1 && errno == error)
        return true;
    info("answer %ld (%s), expected %s", result, result == -1 ? strerror(errno) : "no error",
         strerror(error));
    return false;
}

bool succeeds(long result) {
    if (result != -1)
        return true;
    info("answer %s, expected success", strerror(errno));
    return false;
}

void skip(const char* name, const char* reason) { printf("skip %s: %s\n", name, reason); }

void info(const char* text, ...) {
    va_list arguments;
    va_start(arguments, text);
    printf("info ");
    vprintf(text, arguments);
    putchar('\n');
    va_end(arguments);
}

void need(bool good, const char* what) {
    if (good)
        return;
    printf("FAIL the checks need %s: %s\n", what, strerror(errno));
    _exit(1);
}
