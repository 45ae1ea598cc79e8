// SPDX-License-Identifier: LGPL-2.1-or-later
#include "native/killing.hpp"

#include "catch.hpp"
#include "native/quiet.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>

namespace reapd::test {
namespace {

constexpr int tries = 20;
constexpr int patience = 5000; // milliseconds

} // namespace

Killer::Killer(const PoolSettings& settings)
    : proc_{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)} {
    REQUIRE(proc_);
    REQUIRE(executioner_.start(settings, proc_.get()));
    REQUIRE(executioner_.idle());
}

Killing Killer::kill(const Cgroup& cgroup, const Orders& orders, std::span<const pid_t> pids) {
    Killing killing;
    const Quiet quiet;
    const int dir = cgroup.dir().get();
    // On a busy machine the time for collecting may pass before anything is found. That is no
    // failure, but tests want to see what is found.
    for (int i = 0; i < tries && killing.found == 0; ++i) {
        executioner_.finish(); // The try before.
        for (int waited = 0; waited < patience && !executioner_.idle(); ++waited)
            ::usleep(1000);
        killing.collected = pids.empty() ? executioner_.collect_cgroup(dir)
                                         : executioner_.collect_processes(dir, pids);
        killing.found = executioner_.result().processes;
        if (killing.collected != Collected::Ready && killing.collected != Collected::Denied)
            break;
    }
    if (killing.collected == Collected::Ready) {
        executioner_.execute(orders);
        do {
            ::usleep(2000);
            killing.done = executioner_.poll(std::chrono::steady_clock::now(), false);
        } while (!*killing.done);
    }
    executioner_.finish();
    killing.result = executioner_.result();
    return killing;
}

} // namespace reapd::test
