// SPDX-License-Identifier: LGPL-2.1-or-later
#include "act/executioner.hpp"
#include "act/state.hpp"

#include <unistd.h>

#include <chrono>

namespace reapd {

Result<> Executioner::rehearse(int dir) noexcept {
    using namespace std::chrono_literals;
    constexpr useconds_t step = 2000; // microseconds
    if (collect_cgroup(dir) != Collected::Empty) {
        finish();
        return failed("collect_cgroup", EBUSY);
    }
    execute({.whole = true, .unit_dirs = std::span{&dir, 1}, .release = Release::Yes});
    const TimePoint began = std::chrono::steady_clock::now();
    // As if 50 ms had passed: the boost is rehearsed as well.
    for (TimePoint now = began; now < began + 200ms; now = std::chrono::steady_clock::now()) {
        if (poll(now + 60ms, false))
            break;
        ::usleep(step);
    }
    finish();
    if (result().kill_error != 0 && result().kill_error != ENOSYS)
        return failed("cgroup.kill", result().kill_error);
    if (result().xattr_error != 0)
        return failed("fsetxattr", result().xattr_error);
    return {};
}

} // namespace reapd
