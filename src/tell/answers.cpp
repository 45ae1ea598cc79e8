// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/answers.hpp"

#include "settings/rule_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reapd {
namespace {

/// "; the rule acts at 40% 2s of pressure on /, and it is 1.2% now".
std::string distance(const RuleAnswer& answer) {
    if (answer.limit.empty())
        return fmt::format("; the rule looks at amounts alone, and its conditions {}",
                           answer.above ? "hold now" : "do not hold now");
    return fmt::format("; the rule acts at {} of pressure on {}, and {}", answer.limit,
                       answer.watched,
                       answer.share ? "it is " + share_text(*answer.share) + " now"
                                    : std::string{"that cannot be read now"});
}

std::string rank_text(const RuleAnswer& answer) {
    const Bytes promise = answer.measures ? answer.measures->promise : Bytes{};
    if (answer.position == 1)
        return fmt::format("would die first of {}: {} would come back", answer.ranked,
                           size_text(promise));
    return fmt::format("is number {} of {}, behind {}: {} would come back", answer.position,
                       answer.ranked, answer.first, size_text(promise));
}

std::string size_now(const RuleAnswer& answer) {
    const Measures now = answer.measures.value_or(Measures{});
    return size_text(now.promise + now.shared);
}

std::string reason(const RuleAnswer& answer) {
    switch (answer.standing) {
    case Standing::Candidate:
        return rank_text(answer) + distance(answer);
    case Standing::Essential:
        return "is essential to the system; Essential= in reapd.conf says so";
    case Standing::Protected:
        return "is spared: Protect= of the rule means it or a cgroup above it";
    case Standing::OtherUser:
        return "is spared: User= of the rule means what others run";
    case Standing::HoldsProtected:
        return "is no candidate as a whole, because something in it must live";
    case Standing::Inside:
        return fmt::format("would only die with {}, which dies as a whole", answer.instead);
    case Standing::HasChildren:
        return "is no candidate itself; the cgroups in it are";
    case Standing::NotAmong:
        return "is no candidate; Among= of the rule means others";
    case Standing::TooSmall:
        return fmt::format("is too small: it has {} of anonymous memory, swap and shared memory, "
                           "and MinimumSize= of the rule is {}",
                           size_now(answer), size_text(answer.minimum_size));
    case Standing::Exempt:
        return "is exempt: oom_score_adj of its main process, or of all of them, is -1000";
    case Standing::Omitted:
        return "is spared: ManagedOOMPreference=omit asks for it";
    case Standing::NotRanked:
        return "is not in the ranking now: it cannot be measured, others are much larger, or the "
               "pressure is by the limit of another";
    }
    return {};
}

} // namespace

std::string refusal_word(Immunity refusal) {
    switch (refusal) {
    case Immunity::None:
        break;
    case Immunity::Root:
        return "root";
    case Immunity::Own:
        return "own";
    case Immunity::Essential:
        return "essential";
    }
    return {};
}

std::string standing_word(Standing standing) {
    switch (standing) {
    case Standing::Candidate:
        return "candidate";
    case Standing::Essential:
        return "essential";
    case Standing::Protected:
        return "protected";
    case Standing::OtherUser:
        return "other-user";
    case Standing::HoldsProtected:
        return "holds-protected";
    case Standing::Inside:
        return "inside";
    case Standing::HasChildren:
        return "has-children";
    case Standing::NotAmong:
        return "not-among";
    case Standing::TooSmall:
        return "too-small";
    case Standing::Exempt:
        return "exempt";
    case Standing::Omitted:
        return "omitted";
    case Standing::NotRanked:
        return "not-ranked";
    }
    return {};
}

std::string sentence(const RuleAnswer& answer, const std::string& cgroup) {
    return fmt::format("Rule {}: {} {}.", answer.rule, cgroup, reason(answer));
}

std::string sentence(const Explanation& explanation) {
    switch (explanation.refusal) {
    case Immunity::None:
        break;
    case Immunity::Root:
        return "/ is never a victim: it is the root of the hierarchy.";
    case Immunity::Own:
        return fmt::format("{} is never a victim: reapd runs in it.", explanation.cgroup);
    case Immunity::Essential:
        return fmt::format("{} is never a victim: Essential= in reapd.conf says so, or it is the "
                           "service manager's.",
                           explanation.cgroup);
    }
    if (explanation.rules.empty())
        return fmt::format("{} is not watched by any rule.", explanation.cgroup);
    const auto would =
        std::ranges::count(explanation.rules, Standing::Candidate, &RuleAnswer::standing);
    if (would == 0)
        return fmt::format("{} is no candidate of any rule now.", explanation.cgroup);
    const auto first = std::ranges::find(explanation.rules, 1U, &RuleAnswer::position);
    if (first == explanation.rules.end())
        return fmt::format("{} is a candidate of {} of {} rules that watch it, and of none the "
                           "first.",
                           explanation.cgroup, would, explanation.rules.size());
    return fmt::format("{} would be the first victim of rule {}.", explanation.cgroup, first->rule);
}

} // namespace reapd
