// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Processes to be killed, and the calls which are checked on them.

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MB (1024UL * 1024)

/// Beside what it was told to have a victim has its own little: program, stack, tables. Each of its
/// threads, and on later kernels each CPU, has a share of the counters that is added up at times.
#define REST MB

struct Victim {
    pid_t pid;
    int pidfd;
};

/// Runs in the victim; it is killed later, or when it returns waits for that.
typedef void Life(void* argument);

/// A new process that has come to the end of `life`.
struct Victim spawn(Life* life, void* argument);

/// As above, with so many bytes of anonymous memory, each page written.
struct Victim spawn_with(size_t size);

/// Life with anonymous memory; `argument` is a size_t.
void live_with(void* size);

/// Anonymous memory, each page written.
char* fill(size_t size);

/// Makes the end of `thread`, 0 for its main one, stop before it gives up its memory.
void hold_exit(struct Victim victim, pid_t thread);

/// Waits until it has stopped there, after a kill.
void await_exit_stop(struct Victim victim, pid_t thread);

/// Kills it with SIGKILL while its exit is held: dying, with all its memory.
void kill_and_hold(struct Victim victim);

/// Lets it go on, kills it if it lives, and waits until it is gone.
void end(struct Victim victim);

/// Waits until it has exited; it stays a zombie.
void await_exit(struct Victim victim);

/// Resident bytes; 0 without memory.
size_t rss(pid_t pid);

/// As process_mrelease(2).
long mrelease(int pidfd, unsigned int flags, unsigned long max);

/// As pidfd_send_signal(2) without a siginfo.
long pidfd_signal(int pidfd, int signal, unsigned int flags);

void pin(int cpu);

bool write_text(const char* path, const char* text);

/// Of /proc/meminfo, in bytes or pieces as it stands there.
size_t meminfo(const char* name);

double seconds(void);
