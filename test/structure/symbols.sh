#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: symbols.sh pure|kill LIBRARY
#
# Checks what a static library asks of the outside. The compiler cannot check that a function is
# pure or that it allocates nothing; the list of undefined symbols can.
set -eu

allocates='malloc|calloc|realloc|reallocarray|strn?dup|aligned_alloc|posix_memalign|memalign|v?asprintf|_Zn[wa]|mmap|brk|sbrk'
opens='f?d?open64$|fopen|fdopen|opendir|fdopendir|scandir|popen|getline'
throws='__cxa_throw|__cxa_rethrow|__cxa_allocate_exception|_ZSt[0-9]*__throw_'
# A lock can be held by a thread that waits for a page; a guarded static is one, too.
locks='pthread_|sem_|__cxa_guard_acquire|sd_'
acts='open|openat|openat64|creat|read|readv|pread|write|pwrite|close|fcntl|ioctl|poll|select|stat|lstat|fstat|access|unlink|rename|socket|send|recv|syscall|kill|fork|exec|mlock|madvise|sched_|setpriority|getpid|signal|sigaction|sleep|usleep|nanosleep|time|clock_|gettimeofday|getenv|secure_getenv|random|rand|getrandom|sysconf|printf|fprintf|puts|sd_|_ZNSt6chrono.*now|_ZNSt10filesystem|_ZNSt14basic_.*fstream|_ZSt4cout|_ZSt4cerr'

case $1 in
    kill) forbidden="$allocates|$opens|$throws|$locks" ;;
    pure) forbidden=$acts ;;
    *) echo "usage: symbols.sh pure|kill LIBRARY" >&2; exit 2 ;;
esac

# --undefined-only prints "name.o:" headings and "  U name" lines.
names=$(nm --undefined-only "$2" | awk 'NF == 2 { print $2 }' | sort -u)
[ -n "$names" ] || [ "$1" = pure ] || { echo "symbols.sh: no symbols in $2" >&2; exit 1; }
if offending=$(echo "$names" | grep -E "^($forbidden)"); then
    echo "$2 must be '$1' but uses:"
    echo "$offending" | c++filt
    exit 1
fi
