// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Threads that are made at start, work beside the guard, and may be held up by the kernel when
/// reapd ends.

#include "base/result.hpp"

#include <pthread.h>

#include <cstddef>

namespace reapd {

/// A thread that no signal interrupts. Errors: errno of pthread_create(3).
Result<pthread_t> start_thread(const char* name, std::size_t stack, void* (*run)(void*),
                               void* argument) noexcept;

/// Waits for a thread that was told to end, at most a second. False: it is in the kernel, and will
/// come back to its storage.
bool join_soon(pthread_t thread) noexcept;

} // namespace reapd
