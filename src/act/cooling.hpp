// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// One round of taking memory from a cgroup that does not use it: what is asked for, how it is
/// stopped, and what came of it.

#include "base/advice.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

namespace reapd {

enum class CoolingMeans : std::uint8_t {
    Hint,    ///< process_madvise(2) on its processes
    Reclaim, ///< memory.reclaim
};

struct CoolingOrder {
    CoolingMeans means = CoolingMeans::Hint;
    Advice advice = Advice::Auto;              ///< of a hint
    std::optional<std::uint32_t> swappiness{}; ///< of reclaim
    Bytes budget{};                            ///< of what is moved; Cold moves nothing
    bool freeze = false;                       ///< its processes stand still for a hint
    TimePoint until = TimePoint::max();        ///< the round ends then, whatever it has done
};

/// Trivially copyable: it travels from the worker to the guard and on to the front.
struct CoolingResult {
    Bytes moved{};               ///< out of memory
    Bytes marked{};              ///< address space that was called cold
    std::uint32_t processes = 0; ///< that hints were about
    std::uint32_t gone = 0;      ///< processes that ended or ran another program meanwhile: normal
    std::uint32_t refused = 0;   ///< processes whose memory is not for us: EPERM, EACCES
    std::uint32_t skipped = 0;   ///< ranges: locked, of huge pages, or not there any more
    int error = 0;               ///< the first errno that was none of these
    bool stopped = false;        ///< it had to end before it was done
    bool exhausted = false;      ///< it is done before the budget is: there is no more to take

    bool operator==(const CoolingResult&) const = default;
};

/// Whether a round has to end. Asked between kernel calls, each of which is short.
class StopSign {
public:
    StopSign(const std::atomic<bool>& raised, TimePoint until) noexcept
        : raised_{raised}, until_{until} {}

    /// One that is seen no later than `until`.
    StopSign before(TimePoint until) const noexcept { return {raised_, std::min(until, until_)}; }

    bool seen() const noexcept {
        return raised_.load(std::memory_order_relaxed) ||
               std::chrono::steady_clock::now() >= until_;
    }

private:
    const std::atomic<bool>& raised_;
    TimePoint until_;
};

/// What one kernel call of a round is about at most: the longest that a kill may have to wait for
/// the memory bandwidth, and short beside the time that a stalled machine takes anyway.
constexpr Bytes cooling_step = mib(16);

} // namespace reapd
