// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What becomes of a cgroup that a rule freezes. First everything in it comes to a stand; the stall
/// until then was its doing, so that it counts no more for any rule. Then it is paged out while one
/// fresh window of pressure is measured, and only then is it known whether freezing helped. No
/// other cgroup is frozen meanwhile, but kills go on as soon as it stands still: their rules need
/// stall that it did not cause.

#include "base/units.hpp"
#include "settings/rule.hpp"

#include <optional>

namespace reapd {

namespace freezing_limits {

/// A process in the middle of a kernel call stops at its end, which under pressure takes as long as
/// a page does. Nobody else is to wait longer than that for it.
constexpr Microseconds longest_stop = std::chrono::seconds{1};
/// What is not paged out by then is so later, unjudged.
constexpr Microseconds longest_page_out = std::chrono::seconds{10};
/// Shorter windows are mostly chance; longer ones would leave the next victim running.
constexpr Microseconds shortest_measurement = std::chrono::milliseconds{500};
constexpr Microseconds longest_measurement = std::chrono::seconds{10};
/// Less than this of it paged out is nothing; judged by where no pressure is known.
constexpr Permyriad useful{1000};

} // namespace freezing_limits

/// What was known when it was decided.
struct BeforeFreeze {
    Bytes resident{};                 ///< memory of the victim that is not in swap
    std::optional<Permyriad> share{}; ///< of the watched cgroup; none for rules without pressure
    Permyriad limit{};                ///< from which on the rule acts
    Microseconds window{};            ///< of the rule
};

/// One look at the victim.
struct FreezeSeen {
    bool still = false;              ///< nothing in it moves
    bool out = false;                ///< it is paged out as far as it can be
    std::optional<Bytes> resident{}; ///< nothing when it cannot be read
};

class FreezeCourse {
public:
    enum class Phase : std::uint8_t {
        Idle,
        Stopping,  ///< some of it still runs
        Measuring, ///< it is paged out, and a fresh window of pressure fills
        Done,
    };

    void begin(TimePoint now, const BeforeFreeze& before) noexcept;

    /// Stopping ends when all stands still, or after 1 s. Measuring ends here when nobody tells
    /// measured() for two of its windows.
    Phase step(TimePoint now, const FreezeSeen& seen) noexcept;

    /// The watched stall share since Measuring began; ignored before a fresh window is full and
    /// while paging out goes on, which is given 10 s. Nothing when it can no longer be known.
    Phase measured(TimePoint now, std::optional<Permyriad> share) noexcept;

    Phase phase() const noexcept { return phase_; }
    /// The rule's own, between 0.5 and 10 s.
    Microseconds fresh_window() const noexcept;

    Bytes paged_out() const noexcept { return paged_out_; }
    /// From begin() until it stood still; nothing if it never did.
    std::optional<Microseconds> until_still() const noexcept { return until_still_; }

    /// Whether freezing did not help: the watched stall share neither has fallen by half nor is
    /// below what the rule acts on; where that is unknown, less than 10 % was paged out. Final once
    /// Done.
    bool useless() const noexcept;

private:
    Phase phase_ = Phase::Idle;
    BeforeFreeze before_{};
    TimePoint began_{};
    TimePoint measuring_since_{};
    bool out_ = false;
    Bytes paged_out_{};
    std::optional<Permyriad> share_after_{};
    std::optional<Microseconds> until_still_{};
};

/// The time of one frozen cgroup.
struct FrozenTime {
    TimePoint since{};
    Freezing freezing{};
};

enum class FreezeEnd : std::uint8_t { NotYet, Thaw, Kill };

TimePoint ends_at(const FrozenTime& time) noexcept;

/// What is to be done with it now. `refused`: it could not be killed, so it goes on instead: to be
/// frozen for ever is nobody's wish.
FreezeEnd end_of(const FrozenTime& time, TimePoint now, bool refused = false) noexcept;

} // namespace reapd
