// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// From what was measured to what is done, for one rule and one watched cgroup. The same situation
/// gets the same answer: nothing here reads a file, a clock or a global.

#include "decide/conditions.hpp"
#include "decide/escalation.hpp"
#include "decide/rank.hpp"
#include "decide/stuck_reason.hpp"

namespace reapd {

struct Situation {
    const Rule* rule = nullptr;
    Measured measured{};
    std::span<const Candidate> ranked{}; ///< as rank() left them, only what remained
    Found found{};
    Escalation escalation{};
    bool recovering = false; ///< a kill, of whatever rule, is not over yet
    bool freezing = false;   ///< a freeze is not judged yet
};

enum class Verdict : std::uint8_t {
    None,
    Log,    ///< say what would be killed
    Freeze, ///< stop it where it is
    Kill,
    Stuck, ///< pressure, but nothing may or would help
};

struct Decision {
    Verdict verdict = Verdict::None;
    StuckReason why = StuckReason::None; ///< also of a Log without a victim
    std::size_t first = 0;               ///< place in `ranked` to begin with; the next follow it
    bool operator==(const Decision&) const = default;
};

Decision decide(const Situation& situation) noexcept;

} // namespace reapd
