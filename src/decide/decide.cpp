// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/decide.hpp"

namespace reapd {
namespace {

StuckReason why_not(const Situation& situation) noexcept {
    if (situation.escalation.stuck)
        return StuckReason::Useless;
    if (!situation.ranked.empty())
        return StuckReason::None;
    // Too small ones beside protected ones: the memory is not where we may take it, but that is
    // not for want of candidates.
    const bool only_protected = situation.found.count == 0 && situation.found.spared > 0;
    return only_protected ? StuckReason::AllProtected : StuckReason::NoCandidate;
}

} // namespace

Decision decide(const Situation& situation) noexcept {
    if (situation.rule == nullptr || situation.recovering)
        return {};
    if (conditions_met(situation.rule->when, situation.measured) != Met::Yes)
        return {};
    const bool freezes = situation.rule->action == Action::Freeze;
    if (freezes && situation.freezing)
        return {};
    const StuckReason why = why_not(situation);
    if (situation.rule->action == Action::Log)
        return {.verdict = Verdict::Log, .why = why};
    if (why != StuckReason::None)
        return {.verdict = Verdict::Stuck, .why = why};
    return {.verdict = freezes ? Verdict::Freeze : Verdict::Kill};
}

} // namespace reapd
