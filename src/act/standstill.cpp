// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/standstill.hpp"

#include "act/frozen.hpp"

#include <unistd.h>

#include <chrono>

namespace reapd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto longest_wait = longest_standstill / 2;
/// For the Thawer to wake up and write.
constexpr std::chrono::milliseconds time_to_thaw{10};
constexpr useconds_t between_looks = 500; // microseconds

} // namespace

Standstill::Standstill(const Fd& dir, Thawer& thawer) noexcept
    : dir_{dir}, thawer_{thawer}, file_{open_freeze_file(dir)} {
    const Result<FrozenState> before = read_frozen(dir.get());
    if (!file_ || !before || before->asked)
        return;
    // Before it is frozen: from then on this thread may get no CPU.
    const auto now = Clock::now();
    thawer_.arm(file_, now + longest_standstill - time_to_thaw);
    held_ = freeze(dir, Stay::WhileWatched, "a hint").has_value();
    if (!held_)
        thawer_.disarm();
    while (held_ && !stands_still(dir) && Clock::now() < now + longest_wait)
        ::usleep(between_looks);
}

Standstill::~Standstill() {
    if (!held_)
        return;
    (void)thaw_left_behind(dir_);
    thawer_.disarm();
}

} // namespace reapd
