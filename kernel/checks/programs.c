// SPDX-License-Identifier: LGPL-2.1-or-later
// Programs that were brought along: selftests of the kernel's own, and tests of the daemon's use of
// the kernel.
#include "checks.h"
#include "report.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/// All programs that were brought along in a folder.
static void run_programs(const char* name) {
    char path[300];
    snprintf(path, sizeof path, "/%s", name);
    DIR* folder = opendir(path);
    need(folder != NULL, name);
    for (const struct dirent* entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        const pid_t pid = fork();
        if (pid == 0) {
            snprintf(path, sizeof path, "/%s/%s", name, entry->d_name);
            execl(path, entry->d_name, NULL);
            _exit(127);
        }
        int status = 0;
        waitpid(pid, &status, 0);
        check(status == 0, "%s: %s", name, entry->d_name);
    }
    closedir(folder);
}

void run_selftests(void) { run_programs("selftests"); }

void run_native(void) { run_programs("native"); }
