// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/own_thread.hpp"

#include <csignal>
#include <ctime>

namespace reapd {

Result<pthread_t> start_thread(const char* name, std::size_t stack, void* (*run)(void*),
                               void* argument) noexcept {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, stack);
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all); // Signals are for the main thread.
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread{};
    const int error = ::pthread_create(&thread, &attributes, run, argument);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&attributes);
    if (error != 0)
        return failed("pthread_create", error);
    ::pthread_setname_np(thread, name);
    return thread;
}

bool join_soon(pthread_t thread) noexcept {
    timespec until{};
    ::clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    return ::pthread_timedjoin_np(thread, nullptr, &until) == 0;
}

} // namespace reapd
