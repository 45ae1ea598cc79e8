// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Stall share over a window of any length, from the `total=` counter of a PSI file.
///
/// The kernel's own averages lag (avg10 moves every 2 s and needs ten to arrive); `total=` is
/// fresh at every read. A window keeps samples of it and answers with the part of the last
/// `length` that was stalled.
///
/// The guard sleeps while all is well, so samples have gaps. A trigger that wakes it says that at
/// least `stall` gathered within the trigger's window; that much is credited to that window, and
/// hardly more: what else the counter rose while asleep may be hours old.

#include "base/units.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace reapd {

class StallWindow {
public:
    StallWindow() = default;
    explicit StallWindow(Microseconds length) noexcept : length_{length} {}

    Microseconds length() const noexcept { return length_; }

    /// A reading of the counter. Time never goes backwards here; a counter that does was made
    /// anew, and the window starts over with this sample.
    void add(TimePoint taken, Microseconds total) noexcept;

    /// A reading at a trigger's event, after sleep: at least `stall` of it fell within the last
    /// `within` (what plan_trigger() asked for). Without a long enough gap this is add().
    void credit(TimePoint taken, Microseconds total, Microseconds stall,
                Microseconds within) noexcept;

    /// The stalled part of the last `length` before the newest sample, to the nearest 1/100 %;
    /// nothing while the oldest sample is younger than that ("no kill before one full window").
    /// The counter is taken to rise evenly between two samples.
    std::optional<Permyriad> share() const noexcept { return share_of_last(length_); }

    /// The same over a shorter span, for "has it been quiet lately"; of no time at all 0 as soon
    /// as there is a sample.
    std::optional<Permyriad> share_of_last(Microseconds span) const noexcept;

    bool empty() const noexcept { return count_ == 0; }
    void clear() noexcept { count_ = 0; }

private:
    struct Sample {
        TimePoint taken{};
        Microseconds total{};
    };

    // Samples are kept at least length/120 apart, so that this many cover every window.
    static constexpr std::size_t capacity = 128;

    Sample& sample(std::size_t n) noexcept { return samples_[(first_ + n) % capacity]; }
    const Sample& sample(std::size_t n) const noexcept { return samples_[(first_ + n) % capacity]; }
    void append(const Sample& newest) noexcept;
    void forget_old() noexcept;
    Microseconds total_at(TimePoint time) const noexcept;

    Microseconds length_{};
    std::array<Sample, capacity> samples_{};
    std::size_t first_ = 0; ///< oldest
    std::size_t count_ = 0;
};

} // namespace reapd
