// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/decide.hpp"

namespace reapd {
namespace {

StuckReason why_not(const Question& question) noexcept {
    if (question.escalation.stuck)
        return StuckReason::Useless;
    if (!question.ranked.empty())
        return StuckReason::None;
    // Too small ones beside protected ones: the memory is not where we may take it, but that is
    // not for want of candidates.
    const bool only_protected = question.found.count == 0 && question.found.spared > 0;
    return only_protected ? StuckReason::AllProtected : StuckReason::NoCandidate;
}

} // namespace

Decision decide(const Question& question) noexcept {
    if (question.rule == nullptr || question.recovering)
        return {};
    if (conditions_met(question.rule->when, question.measured) != Met::Yes)
        return {};
    const StuckReason why = why_not(question);
    if (question.rule->action == Action::Log)
        return {.verdict = Verdict::Log, .why = why};
    return {.verdict = why == StuckReason::None ? Verdict::Kill : Verdict::Stuck, .why = why};
}

} // namespace reapd
