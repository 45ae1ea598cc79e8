// SPDX-License-Identifier: LGPL-2.1-or-later
// reapd itself on this kernel: a process takes the memory, is killed for it, and the memory is
// back; the calls for that are those which the kernel has. The checks stand in for the journal and
// for the service manager.
#define _GNU_SOURCE
#include "../uapi/mrelease.h"
#include "checks.h"
#include "report.h"
#include "victim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t hog_size = 512 * MB;

void hog(void) {
    fill(hog_size);
    for (;;)
        pause();
}

static int listen_at(const char* path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    need(fd >= 0 && bind(fd, (const struct sockaddr*)&address, sizeof address) == 0, path);
    const struct timeval patience = {.tv_sec = 120};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

/// The next message that has `part` in it; false when none comes.
static bool await_message(int fd, const char* part, char* text, size_t size) {
    for (;;) {
        const ssize_t length = recv(fd, text, size - 1, 0);
        if (length < 0)
            return false;
        text[length] = '\0';
        if (strstr(text, part) != NULL)
            return true;
    }
}

static void write_rule(const char* release) {
    FILE* file = fopen("/etc/reapd/rules.d/10-quick.rule", "w");
    need(file != NULL, "a rule");
    fprintf(file,
            "[Rule]\nWatch=/\n[When]\nMemoryAvailable=<65%%\n[Victim]\nOrder=size\n"
            "[Action]\nRelease=%s\n",
            release);
    fclose(file);
}

/// In a cgroup of its own, below the root.
static pid_t start(const char* cgroup, const char* program, const char* argument) {
    char path[64];
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s", cgroup);
    mkdir(path, 0755);
    strcat(path, "/cgroup.procs");
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    need(write_text(path, "0"), path);
    execl(program, program, argument, NULL);
    _exit(127);
}

static bool has(const char* entry, const char* field, const char* word) {
    const char* value = strstr(entry, field);
    const char* end = value != NULL ? strchr(value, '\n') : NULL;
    const char* found = value != NULL ? strstr(value, word) : NULL;
    return found != NULL && end != NULL && found < end;
}

static bool offered(long answer) { return answer == -1 && errno == EBADF; }

/// What it ought to call for the largest victim, which has run a program of its own.
static const char* expected_call(bool bounded) {
    if (offered(mrelease(-1, REAPD_MRELEASE_REAP_KILL, 0)))
        return "mrelease-reap-kill";
    if (bounded && offered(mrelease(-1, REAPD_MRELEASE_BOUNDED, 1)))
        return "mrelease-bounded";
    return offered(pidfd_signal(-1, SIGKILL, REAPD_PIDFD_SIGNAL_EXPEDITE)) ? "kill-expedite"
                                                                           : "mrelease";
}

static void kills_the_hog(const char* release, int journal, int manager) {
    static char entry[65536];
    write_rule(release);
    const pid_t daemon = start("reapd", "/usr/bin/reapd", NULL);
    need(await_message(manager, "READY=1", entry, sizeof entry), "reapd to start");
    const size_t before = meminfo("MemAvailable");
    const pid_t victim = start("hog", "/init", "hog");
    int status = 0;
    waitpid(victim, &status, 0);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
          "reapd, Release=%s: the hog is killed", release);
    const bool told = await_message(journal, "REAPD_EVENT=completed\n", entry, sizeof entry);
    const size_t after = meminfo("MemAvailable");
    check(told && after + hog_size / 10 > before, "reapd, Release=%s: its memory is back", release);
    const char* const call = expected_call(strcmp(release, "bounded") == 0);
    check(told && has(entry, "\nREAPD_RELEASE_CALLS=", call), "reapd, Release=%s: by %s", release,
          call);
    kill(daemon, SIGTERM);
    waitpid(daemon, &status, 0);
    check(status == 0, "reapd, Release=%s: it ends when told", release);
}

void check_daemon(void) {
    static const char* const folders[] = {
        "/run", "/run/systemd", "/run/systemd/journal", "/run/reapd",
        "/etc", "/etc/reapd",   "/etc/reapd/rules.d"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; ++i)
        mkdir(folders[i], 0755);
    const int journal = listen_at("/run/systemd/journal/socket");
    const int manager = listen_at("/run/notify");
    setenv("NOTIFY_SOCKET", "/run/notify", 1);
    kills_the_hog("yes", journal, manager);
    kills_the_hog("bounded", journal, manager);
}
