// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Usage: storm FOLDER [COUNT]
//
// Makes and removes COUNT (20) folders in FOLDER, a cgroup, over and over, at the lowest
// priority there is: it holds the kernel's cgroup lock while others want the processor. Ends
// when FOLDER is gone.

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char** argv) {
    int folder = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int count = argc > 2 ? atoi(argv[2]) : 20;
    struct sched_param none = {0};
    if (folder < 0 || sched_setscheduler(0, SCHED_IDLE, &none)) {
        perror("storm");
        return 1;
    }
    char name[32];
    for (;;) {
        for (int n = 0; n < count; n++) {
            snprintf(name, sizeof name, "storm%d", n);
            if (mkdirat(folder, name, 0755) && (errno == ENOENT || errno == ENODEV))
                return 0;
        }
        for (int n = 0; n < count; n++) {
            snprintf(name, sizeof name, "storm%d", n);
            unlinkat(folder, name, AT_REMOVEDIR);
        }
    }
}
