// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/columns.hpp"
#include "ctl/explain.hpp"
#include "ctl/fit.hpp"
#include "ctl/human.hpp"
#include "ctl/view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reapd {
namespace {

using nlohmann::json;

struct Remedy {
    std::string_view reason{};
    std::string_view text{};
};

constexpr std::array remedies{
    Remedy{"candidate", "To keep it: Avoid= or Protect= in the rule, or ManagedOOMPreference=avoid "
                        "or omit in its unit."},
    Remedy{"essential", "To have it chosen: take it out of Essential= in reapd.conf."},
    Remedy{"protected", "To have it chosen: take it out of Protect= in the rule."},
    Remedy{"other-user", "To have it chosen: add its user to User= in the rule."},
    Remedy{"holds-protected", "To have it chosen: Among=leaves, so that it need not die as a "
                              "whole, or protect nothing inside it."},
    Remedy{"inside", "It dies with what it is inside of; Among=leaves would choose it alone."},
    Remedy{"has-children", "With Among=leaves only what is inside it is chosen from."},
    Remedy{"not-among", "To have it chosen: another Among= in the rule."},
    Remedy{"too-small", "To have it chosen: a smaller MinimumSize= in the rule."},
    Remedy{"exempt", "To have it chosen: an OOMScoreAdjust= above -1000 in its unit."},
    Remedy{"omitted", "To have it chosen: no ManagedOOMPreference=omit in its unit."},
    Remedy{"not-ranked", "It is chosen from only while its watched cgroup is under most pressure, "
                         "and while its death would give anything back."},
    Remedy{"root", "The root of all cgroups is never killed."},
    Remedy{"own", "reapd never kills itself."},
};

std::string_view remedy_for(const std::string& reason) {
    const auto* const found = std::ranges::find(remedies, reason, &Remedy::reason);
    return found == remedies.end() ? std::string_view{} : found->text;
}

/// What the row's sentence adds to what the title and the row say already: "Rule NAME: /a is too
/// small: …" is "is too small: …".
std::string why_of(const json& row, const std::string& cgroup) {
    const std::string sentence = text_of(row, "Sentence");
    const std::string known = fmt::format("Rule {}: {} ", text_of(row, "Rule"), cgroup);
    return sentence.starts_with(known) ? sentence.substr(known.size()) : sentence;
}

/// Lines no wider than the screen, if there is one; those after the first begin under the text.
std::string folded(std::string_view margin, std::string_view text, const Look& look) {
    const std::size_t before = width_of(margin);
    const std::size_t width = look.screen ? look.screen->width : before + width_of(text) + 1;
    std::string all;
    for (const std::string& line : wrap(text, width - std::min(width, before)))
        all += (all.empty() ? std::string{margin} : std::string(before, ' ')) + line + "\n";
    return all;
}

std::string place_of(const json& row) {
    const auto position = number_of(row, "Position");
    if (!position || *position == 0)
        return "-";
    return fmt::format("{} of {}", *position, count_cell(row, "Candidates"));
}

std::string preference_of(const json& row) {
    const json& preference = member_of(row, "Preference");
    if (!preference.is_number_integer() || preference.get<int>() == 0)
        return "";
    return preference.get<int>() > 0 ? " (preferred)" : " (to avoid)";
}

std::string measures(const json& all, const Look& look) {
    if (!number_of(all, "CurrentBytes"))
        return {};
    return folded("  ",
                  fmt::format("It has {} and {} in swap; its death would give {} back.",
                              size_cell(all, "CurrentBytes"), size_cell(all, "SwapBytes"),
                              size_cell(all, "ExpectedBytes")),
                  look);
}

/// The rules that watch it in a table, and why each would or would not choose it below: a sentence
/// is wider than a column can be.
std::string rules(const json& explanation, const Look& look) {
    const std::string cgroup = text_of(explanation, "ControlGroup");
    // Of what no rule may kill, what each would say if it might is no reason.
    const bool with_reasons = text_of(explanation, "Refusal").empty();
    Columns columns{{"RULE", "WATCHED", "STALL", "ABOVE", "PLACE", "GROWTH/S", "GAINED"}};
    std::string reasons;
    for (const json& row : member_of(explanation, "Rules")) {
        columns.add({text_cell(row, "Rule"), text_cell(row, "Watched"), share_cell(row, "Share"),
                     flag_of(row, "Above") ? "yes" : "no", place_of(row),
                     change_cell(row, "GrowthBytes"), size_cell(row, "GainedBytes")});
        reasons += folded(text_cell(row, "Rule") + ": ", why_of(row, cgroup), look);
    }
    if (columns.empty())
        return "\nNo rule watches it or a cgroup above it.\n";
    return "\n" + columns.text(look.paint, look.legend) + (with_reasons ? "\n" + reasons : "");
}

/// Each remedy once, though several rules may want it.
std::string advice(const json& explanation, const Look& look) {
    std::vector<std::string_view> all;
    const auto add = [&all](const std::string& reason) {
        const std::string_view text = remedy_for(reason);
        if (!text.empty() && std::ranges::find(all, text) == all.end())
            all.push_back(text);
    };
    const std::string refusal = text_of(explanation, "Refusal");
    add(refusal);
    if (refusal.empty())
        for (const json& row : member_of(explanation, "Rules"))
            add(text_of(row, "Reason"));
    std::string text;
    for (const std::string_view line : all)
        text += (text.empty() ? "\n" : "") + folded("", line, look);
    return text;
}

} // namespace

std::string show_candidates(const std::string& rule, const json& rows, const Look& look) {
    Columns columns{
        {"#", "EXPECTED", "SIZE", "SWAP", "GROWTH/S", "GAINED", "STALL", "REFAULTS/S", "CGROUP"}};
    std::string watched;
    for (const json& row : rows) {
        watched = text_of(row, "Watched");
        columns.add({count_cell(row, "Position"), size_cell(row, "ExpectedBytes"),
                     size_cell(row, "CurrentBytes"), size_cell(row, "SwapBytes"),
                     change_cell(row, "GrowthBytes"), size_cell(row, "GainedBytes"),
                     share_cell(row, "Stall"), count_cell(row, "RefaultRate"),
                     text_of(row, "ControlGroup") + preference_of(row) +
                         (flag_of(row, "SingleProcess") ? " (one process of it)" : "")});
    }
    if (columns.empty())
        return fmt::format("Rule {} would find nothing to kill now.\n", rule) +
               (look.legend ? "\"reapctl explain CGROUP\" says why one is not a candidate.\n" : "");
    std::string title;
    if (look.legend)
        title =
            fmt::format("If rule {} had to act on {} now, the first would die:\n", rule, watched);
    return title + columns.text(look.paint, look.legend);
}

std::string show_explanation(const json& explanation, const Look& look) {
    std::string text = folded("", text_of(explanation, "Sentence"), look) +
                       measures(explanation, look) + rules(explanation, look);
    return look.legend ? text + advice(explanation, look) : text;
}

} // namespace reapd
