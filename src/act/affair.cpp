// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/affair.hpp"

namespace reapd {

void Counters::clear() noexcept {
    for (std::atomic<std::uint32_t>* counter :
         {&later, &signalled, &survivors, &released, &esrch, &eagain, &einval, &refused, &calls})
        counter->store(0, std::memory_order_relaxed);
    xattr_error.store(0, std::memory_order_relaxed);
}

void Affair::open() noexcept {
    vacant.store(false, std::memory_order_relaxed);
    holds.store(1, std::memory_order_relaxed);
    given = false;
    whole = true;
    release = Release::Yes;
    incomplete = memory_own = false;
    kill_flags = 0;
    wanted_count = unit_count = place_count = boosted_count = 0;
    collected.clear();
    marked.clear();
    killed.clear();
    counters.clear();
    next_release.store(0, std::memory_order_relaxed);
    releases_running.store(0, std::memory_order_relaxed);
    enough.store(false, std::memory_order_relaxed);
    relieved.store(false, std::memory_order_relaxed);
    seen.store(Seen::Nothing, std::memory_order_relaxed);
    looking.store(false, std::memory_order_relaxed);
}

bool Affair::let_go() noexcept { return holds.fetch_sub(1, std::memory_order_acq_rel) == 1; }

void Affair::close() noexcept {
    victims.clear();
    for (std::uint32_t i = 0; i < unit_count; ++i)
        units[i].dir = Fd{};
    for (std::uint32_t i = 0; i < boosted_count; ++i)
        boosted[i].dir = Fd{};
    dir = Fd{};
    vacant.store(true, std::memory_order_release);
}

std::uint32_t Affair::processes() const noexcept {
    const std::uint32_t before = collected_done() ? victims.size() : 0;
    return before + counters.later.load(std::memory_order_relaxed);
}

} // namespace reapd
