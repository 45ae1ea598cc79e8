// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Since when a cgroup has done next to nothing, from what it had done at a few moments.

#include "base/units.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace reapd {

/// What a cgroup has done since its beginning.
struct WorkDone {
    Microseconds cpu{};                      ///< of all CPUs
    std::optional<std::uint64_t> refaults{}; ///< pages that it read again; empty: not known
};

class Activity {
public:
    /// Readings closer together than a second count as one: the work of a single timer would look
    /// like a lot. They may lie any time apart, but what was done between two may have been done
    /// just before the second, so that a long time between excuses no more than half a minute.
    constexpr void add(TimePoint now, const WorkDone& work) noexcept {
        constexpr std::chrono::seconds apart{1};
        constexpr std::chrono::seconds excused{30};
        if (known() && now - read_ < apart)
            return;
        if (!known() || is_work(work, std::min<TimePoint::duration>(now - read_, excused)))
            idle_since_ = now;
        read_ = now;
        cpu_ = work.cpu;
        refaults_ = work.refaults;
    }

    constexpr bool known() const noexcept { return read_ != TimePoint{}; }

    /// For how long it had been idle at the last reading; 0 when nothing is known.
    constexpr Microseconds idle() const noexcept {
        return std::chrono::duration_cast<Microseconds>(read_ - idle_since_);
    }

    constexpr bool operator==(const Activity&) const = default;

private:
    /// More than a hundredth of one CPU, or ten pages a second; less is the timers that every
    /// program has.
    constexpr bool is_work(const WorkDone& work, TimePoint::duration over) const noexcept {
        const auto seconds = static_cast<std::uint64_t>(over / std::chrono::seconds{1});
        return (work.cpu - cpu_) * 100 > over ||
               (work.refaults && refaults_ && *work.refaults > *refaults_ + 10 * seconds);
    }

    TimePoint read_{};
    TimePoint idle_since_{};
    Microseconds cpu_{};
    std::optional<std::uint64_t> refaults_{};
};

} // namespace reapd
