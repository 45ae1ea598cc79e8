// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Since when a cgroup has done next to nothing, from its CPU time at a few moments.

#include "base/units.hpp"

namespace reapd {

class Activity {
public:
    /// `cpu` is all CPU time that it has used. Readings closer together than a second count as one:
    /// the work of a single timer would look like a lot.
    constexpr void add(TimePoint now, Microseconds cpu) noexcept {
        constexpr std::chrono::seconds apart{1};
        if (known() && now - read_ < apart)
            return;
        // More than a hundredth of one CPU is work; less is the timers that every program has.
        if (!known() || (cpu - cpu_) * 100 > now - read_)
            idle_since_ = now;
        read_ = now;
        cpu_ = cpu;
    }

    constexpr bool known() const noexcept { return read_ != TimePoint{}; }

    /// For how long it had been idle at the last reading; 0 when nothing is known.
    constexpr Microseconds idle() const noexcept {
        return std::chrono::duration_cast<Microseconds>(read_ - idle_since_);
    }

    constexpr bool operator==(const Activity&) const = default;

private:
    TimePoint read_{};
    TimePoint idle_since_{};
    Microseconds cpu_{};
};

} // namespace reapd
