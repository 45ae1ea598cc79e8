// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// How long a victim that was asked to end by itself is left alone.

#include "base/units.hpp"

#include <optional>

namespace reapd {

/// What the machine is like while it is.
struct Plight {
    Permyriad stall{};           ///< of the watched cgroup, by the rule's kind and window
    std::optional<Bytes> left{}; ///< memory and free swap; nothing when it cannot be read
};

class Grace {
public:
    void begin(TimePoint now, Microseconds length, const Plight& plight) noexcept;

    /// A look at the machine. Grace is over when its time is; before that when the stall has been
    /// half-way from what it was to a complete one for 2 s, or half of what was left is gone.
    bool is_over(TimePoint now, const Plight& plight) noexcept;

    TimePoint ends() const noexcept { return ends_; }

private:
    TimePoint ends_{};
    TimePoint heavy_since_ = TimePoint::max();
    Plight before_{};
};

} // namespace reapd
