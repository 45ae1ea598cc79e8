// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE
#include "victim.h"

#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { call_pidfd_send_signal = 424, call_pidfd_open = 434, call_process_mrelease = 448 };

struct Victim spawn(Life* life, void* argument) {
    int ready[2];
    need(pipe(ready) == 0, "pipe");
    struct Victim victim = {.pid = fork()};
    need(victim.pid >= 0, "fork");
    if (victim.pid == 0) {
        life(argument);
        (void)!write(ready[1], "", 1);
        for (;;)
            pause();
    }
    close(ready[1]);
    char byte;
    need(read(ready[0], &byte, 1) == 1, "a victim that is ready");
    close(ready[0]);
    victim.pidfd = (int)syscall(call_pidfd_open, victim.pid, 0);
    need(victim.pidfd >= 0, "pidfd_open");
    return victim;
}

char* fill(size_t size) {
    char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED, "mmap");
    memset(memory, 1, size);
    return memory;
}

void live_with(void* size) { fill(*(size_t*)size); }

struct Victim spawn_with(size_t size) { return spawn(live_with, &size); }

void hold_exit(struct Victim victim, pid_t thread) {
    const pid_t traced = thread != 0 ? thread : victim.pid;
    need(ptrace(PTRACE_SEIZE, traced, NULL, PTRACE_O_TRACEEXIT) == 0, "ptrace");
}

void await_exit_stop(struct Victim victim, pid_t thread) {
    const pid_t traced = thread != 0 ? thread : victim.pid;
    int status = 0;
    need(waitpid(traced, &status, __WALL) == traced, "waitpid");
    need(status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXIT << 8)), "a stop in its exit");
}

void kill_and_hold(struct Victim victim) {
    hold_exit(victim, 0);
    kill(victim.pid, SIGKILL);
    await_exit_stop(victim, 0);
}

void end(struct Victim victim) {
    kill(victim.pid, SIGKILL);
    ptrace(PTRACE_CONT, victim.pid, NULL, NULL);
    int status = 0;
    // A stop for the exit that was not waited for may come first.
    while (waitpid(victim.pid, &status, __WALL) == victim.pid && WIFSTOPPED(status))
        ptrace(PTRACE_CONT, victim.pid, NULL, NULL);
    close(victim.pidfd);
}

void await_exit(struct Victim victim) {
    struct pollfd exited = {.fd = victim.pidfd, .events = POLLIN};
    need(poll(&exited, 1, 60000) == 1, "an exit");
}

size_t rss(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE* file = fopen(path, "r");
    if (file == NULL)
        return 0;
    unsigned long total = 0;
    unsigned long resident = 0;
    if (fscanf(file, "%lu %lu", &total, &resident) != 2)
        resident = 0;
    fclose(file);
    return resident * 4096;
}

long mrelease(int pidfd, unsigned int flags, unsigned long max) {
    return syscall(call_process_mrelease, pidfd, flags, max);
}

long pidfd_signal(int pidfd, int signal, unsigned int flags) {
    return syscall(call_pidfd_send_signal, pidfd, signal, NULL, flags);
}

void pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

bool write_text(const char* path, const char* text) {
    const int fd = open(path, O_WRONLY);
    const bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return good;
}

size_t meminfo(const char* name) {
    FILE* file = fopen("/proc/meminfo", "r");
    need(file != NULL, "/proc/meminfo");
    char line[128];
    size_t value = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        const size_t length = strlen(name);
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            value = strtoul(line + length + 1, NULL, 10) * (strstr(line, "kB") != NULL ? 1024 : 1);
    }
    fclose(file);
    return value;
}

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
