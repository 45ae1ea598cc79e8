// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/own_thread.hpp"

#include <csignal>
#include <ctime>

namespace reapd {

Result<> OwnThread::start(const char* name, std::size_t stack, void* (*run)(void*),
                          void* argument) noexcept {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, stack);
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all); // Signals are for the main thread.
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = ::pthread_create(&thread_, &attributes, run, argument);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&attributes);
    if (error != 0)
        return failed("pthread_create", error);
    ::pthread_setname_np(thread_, name);
    runs_ = true;
    return {};
}

void OwnThread::join_soon() noexcept {
    timespec until{};
    ::clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    runs_ = ::pthread_timedjoin_np(thread_, nullptr, &until) != 0;
}

} // namespace reapd
