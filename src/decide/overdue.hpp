// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Work of another thread that should have ended long ago: told once, and not waited for.

#include "base/units.hpp"

namespace reapd {

/// A disk that cannot keep up is slow, but not that slow.
constexpr Microseconds longest_work = std::chrono::minutes{1};

class Overdue {
public:
    void begin(TimePoint now) noexcept { due_ = now + longest_work; }
    void end() noexcept { due_ = TimePoint::max(); }

    /// When that would be.
    TimePoint due() const noexcept { return due_; }

    /// True once for what has begun and not ended by then.
    bool happens(TimePoint now) noexcept {
        const bool late = now >= due_;
        if (late)
            end();
        return late;
    }

private:
    TimePoint due_ = TimePoint::max();
};

} // namespace reapd
