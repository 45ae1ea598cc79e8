// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/standstill.hpp"

#include "act/frozen.hpp"

#include <unistd.h>

#include <chrono>

namespace reapd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto longest_wait = longest_standstill / 2;
constexpr useconds_t between_looks = 500; // microseconds

} // namespace

Standstill::Standstill(const Fd& dir) noexcept : dir_{dir} {
    const Result<FrozenState> before = read_frozen(dir.get());
    held_ = before && !before->asked && freeze(dir, Stay::WhileWatched, "a hint");
    const auto deadline = Clock::now() + longest_wait;
    while (held_ && !stands_still(dir) && Clock::now() < deadline)
        ::usleep(between_looks);
}

Standstill::~Standstill() {
    if (held_)
        (void)thaw_left_behind(dir_);
}

} // namespace reapd
