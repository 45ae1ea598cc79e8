// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What became of a kill. From its beginning to its end no other action of any rule starts: first
/// the memory comes back, then one fresh window of pressure is measured, and only then is it
/// known whether the kill helped.

#include "base/units.hpp"

#include <optional>

namespace reapd {

namespace recovery_limits {

/// The rest is page tables, the kernel's own and rounding; it comes back without being watched.
constexpr Permyriad enough{9500};
/// A starved 1 GiB victim is back after 0.1 s with process_mrelease(2) and after more than 10 s
/// without. Nobody should wait that long for a kill that may not help at all.
constexpr Microseconds longest_release = std::chrono::seconds{5};
/// Less than this of the promise means that the memory is held by someone else.
constexpr Permyriad useful{1000};
/// Shorter windows are mostly chance: a single stall fills one or misses it.
constexpr Microseconds shortest_measurement = std::chrono::milliseconds{500};
/// Longer ones would keep the next victim waiting while the machine stands still.
constexpr Microseconds longest_measurement = std::chrono::seconds{10};

} // namespace recovery_limits

/// What is left of a victim.
struct Remaining {
    bool gone = false;             ///< the cgroup is removed, or every chosen process dead
    bool populated = true;         ///< something in it still lives
    std::optional<Bytes> memory{}; ///< anonymous + swap; nothing when it cannot be read
};

/// What was known when the kill was decided.
struct BeforeKill {
    Bytes promise{};
    std::optional<Permyriad> share{}; ///< of the watched cgroup; none for rules without pressure
    Permyriad limit{};                ///< from which on the rule acts
    Microseconds window{};            ///< of the rule
};

class Recovery {
public:
    enum class Phase : std::uint8_t {
        Idle,      ///< nothing was killed yet
        Releasing, ///< memory comes back
        Measuring, ///< a fresh window of pressure fills
        Done,
    };

    void begin(TimePoint now, const BeforeKill& before) noexcept;

    /// One look at the victim. Releasing ends with 95 % of the promise, with the last process, or
    /// after 5 s. Measuring ends here too when nobody tells measured() for two of its windows.
    Phase step(TimePoint now, const Remaining& remaining) noexcept;

    /// The watched stall share since measuring() began; ignored before a fresh window is full.
    /// Nothing when it can no longer be known: then memory alone judges the kill.
    Phase measured(TimePoint now, std::optional<Permyriad> share) noexcept;

    Phase phase() const noexcept { return phase_; }
    /// Whether other actions have to wait.
    bool running() const noexcept {
        return phase_ == Phase::Releasing || phase_ == Phase::Measuring;
    }
    /// How long a fresh window is: the rule's own, between 0.5 and 10 s.
    Microseconds fresh_window() const noexcept;
    /// When the fresh window is full; meaningful while measuring.
    TimePoint fresh_at() const noexcept { return measuring_since_ + fresh_window(); }

    Bytes promise() const noexcept { return before_.promise; }
    Bytes released() const noexcept { return released_; }
    /// From begin() until half, and until 95 %, of the promise was back.
    std::optional<Microseconds> until_half() const noexcept { return until_half_; }
    std::optional<Microseconds> until_released() const noexcept { return until_released_; }
    /// Whether the kill did not help: less than 10 % of the promise came back, or the watched
    /// stall share neither has fallen by half nor is below what the rule acts on. Final once Done.
    bool useless() const noexcept;

private:
    void note_memory(TimePoint now, const Remaining& remaining) noexcept;

    Phase phase_ = Phase::Idle;
    BeforeKill before_{};
    TimePoint began_{};
    TimePoint measuring_since_{};
    Bytes released_{};
    std::optional<Permyriad> share_after_{};
    std::optional<Microseconds> until_half_{};
    std::optional<Microseconds> until_released_{};
};

} // namespace reapd
