// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Threads that are made at start, work beside the guard, and may be held up by the kernel when
/// reapd ends.

#include "base/result.hpp"

#include <pthread.h>

#include <cstddef>
#include <memory>

namespace reapd {

/// A thread that no signal interrupts.
class OwnThread {
public:
    /// Errors: errno of pthread_create(3).
    Result<> start(const char* name, std::size_t stack, void* (*run)(void*),
                   void* argument) noexcept;

    /// False before start() and after a join_soon() that it came to.
    bool runs() const noexcept { return runs_; }

    /// Waits for it when it was told to end, at most a second. If it runs after that it is in the
    /// kernel, and will come back to its storage.
    void join_soon() noexcept;

private:
    pthread_t thread_{};
    bool runs_ = false;
};

/// Frees what a thread works with, unless it still runs: then that is left behind.
template <class State>
void free_unless_used(std::unique_ptr<State>& state) noexcept {
    if (state->thread.runs()) {
        [[maybe_unused]] const State* const left_behind = state.release();
    }
}

} // namespace reapd
