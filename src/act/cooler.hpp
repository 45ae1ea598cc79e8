// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// One thread that takes memory from who does not use it, a round at a time. Apart from the threads
/// that kill: a round takes long, and no kill may wait for it. The guard hands a round over and
/// hears of its end through a descriptor; it never waits here, and nothing is held while the thread
/// works.

#include "act/cooling.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

#include <memory>

namespace reapd {

class Cooler {
public:
    Cooler();
    ~Cooler();
    Cooler(const Cooler&) = delete;
    Cooler& operator=(const Cooler&) = delete;

    /// Makes the thread and touches its stack and all storage. `proc` is an open /proc, borrowed.
    /// Errors: errno of eventfd(2), fcntl(2) or pthread_create(3).
    Result<> start(int proc) noexcept;

    /// Has the thread end, and waits for that a second at most. Nothing can begin any more.
    void stop() noexcept;

    /// Readable when a round has ended, until take().
    int ended() const noexcept;

    /// Whether a round can begin.
    bool idle() const noexcept;

    /// Hands over a round on the cgroup `dir`, which is borrowed. False when it is not idle, or
    /// there is no descriptor for it.
    bool begin(int dir, const CoolingOrder& order) noexcept;

    /// Has the round end at its next step.
    void cancel() noexcept;

    /// The result of a round that has ended; nothing when none has. Then it is idle again.
    std::optional<CoolingResult> take() noexcept;

private:
    struct State;
    static void* run(void* argument) noexcept;

    std::unique_ptr<State> state_;
};

} // namespace reapd
