// SPDX-License-Identifier: LGPL-2.1-or-later
// The first and only program of the guest. Its arguments, which come from the kernel's command
// line behind "--", are the groups of checks to run.
#include "checks.h"
#include "report.h"
#include "victim.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char* name;
    void (*run)(void);
} groups[] = {
    {"absent", check_absent},    {"semantics", check_semantics}, {"kinds", check_kinds},
    {"bounds", check_bounds},    {"kills", check_kills},         {"expedite", check_expedite},
    {"races", check_races},      {"stress", check_stress},       {"late", show_late},
    {"selftest", run_selftests}, {"native", run_native},         {"daemon", check_daemon},
};

static void set_up(void) {
    mkdir("/proc", 0755);
    mkdir("/sys", 0755);
    mkdir("/dev", 0755);
    mkdir("/tmp", 0755);
    mount("proc", "/proc", "proc", 0, NULL);
    mount("sysfs", "/sys", "sysfs", 0, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
    mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
    write_text("/sys/fs/cgroup/cgroup.subtree_control", "+memory +cpu");
    const int console = open("/dev/console", O_RDWR);
    for (int fd = 0; fd < 3; ++fd)
        dup2(console, fd);
    setvbuf(stdout, NULL, _IONBF, 0);
}

/// In a process of its own, so that one that dies does not end the others.
static void run_apart(void (*run)(void), const char* name) {
    const pid_t pid = fork();
    if (pid == 0) {
        run();
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (status != 0)
        check(false, "%s ended with status %#x", name, (unsigned)status);
}

int main(int count, char** arguments) {
    if (getpid() != 1) {
        if (count > 1 && strcmp(arguments[1], "hog") == 0)
            hog();
        hold_core();
        return 0;
    }
    set_up();
    struct utsname kernel;
    uname(&kernel);
    info("kernel %s %s", kernel.release, kernel.version);
    for (int i = 1; i < count; ++i) {
        for (size_t group = 0; group < sizeof groups / sizeof *groups; ++group)
            if (strcmp(arguments[i], groups[group].name) == 0)
                run_apart(groups[group].run, groups[group].name);
    }
    printf("end\n");
    reboot(RB_AUTOBOOT);
}
