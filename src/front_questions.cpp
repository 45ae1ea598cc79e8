// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"
#include "front.hpp"
#include "settings/rule_text.hpp"
#include "standing.hpp"

#include <algorithm>

/// What is asked over the bus about the choice of victims. Questions wait and are answered by
/// rounds, all of them from the same measurement: so it does not matter how many ask, nor how
/// often.

namespace reapd {
namespace {

/// As much apart as two measurements must be for growth to be that of the time between them.
constexpr Microseconds between_rounds = std::chrono::milliseconds{500};

/// Who asks first has no measurement before his; this much later there are two.
constexpr Microseconds second_look = std::chrono::milliseconds{100};

/// When nobody has asked for so long, the memory for it is given back.
constexpr Microseconds until_forgotten = std::chrono::seconds{10};

/// More than ask at once on any machine; each holds a message. And of one connection, so that
/// nobody takes the turn of the others.
constexpr std::size_t most_waiting = 512;
constexpr std::ptrdiff_t most_of_one = 4;

/// Choices of one round, in which nothing else is done; one question can be about all rules.
constexpr std::size_t most_choices = max_rules;

Measures measures_of(const Candidate& candidate) {
    return {.current = candidate.current,
            .swap = candidate.swap,
            .promise = candidate.promise,
            .shared = candidate.shared,
            .growth = candidate.growth,
            .gained = candidate.gained,
            .stall = candidate.stall,
            .scan_rate = candidate.scan_rate,
            .refault_rate = candidate.refault_rate,
            .preference = candidate.preference};
}

std::string limit_text(const When& when) {
    if (when.pressure_full)
        return to_text(*when.pressure_full);
    return when.pressure_some ? to_text(*when.pressure_some) : std::string{};
}

} // namespace

/// What was chosen in one round, so that everybody who asks the same hears the same.
struct Front::Round {
    TimePoint now{};
    std::uint64_t realtime = realtime_usec();
    struct Known {
        bool ready = false;
        Choice choice{};
    };
    std::map<std::pair<RuleIndex, Slot>, Known> choices{};
    std::map<std::pair<RuleIndex, Slot>, std::optional<Permyriad>> shares{};
    std::map<RuleIndex, const TreeNode*> most_pressed{};
};

void Front::ask(Question question) {
    const auto same = [&](const Question& other) {
        return other.call.sender() == question.call.sender();
    };
    if (questions_.size() >= most_waiting ||
        std::ranges::count_if(questions_, same) >= most_of_one) {
        question.call.refuse(SD_BUS_ERROR_LIMITS_EXCEEDED,
                             "Too many questions at once; ask again a little later.");
        return;
    }
    questions_.push_back(std::move(question));
    if (questions_.size() == 1)
        answer_at(std::max(monotonic_usec(),
                           last_round_usec_ + static_cast<std::uint64_t>(between_rounds.count())));
}

void Front::forget_questions() noexcept {
    questions_.clear();
    survey_.reset();
}

void Front::answer_at(std::uint64_t usec) {
    (void)sd_event_source_set_time(round_.get(), usec);
    (void)sd_event_source_set_enabled(round_.get(), SD_EVENT_ONESHOT);
}

int Front::on_round(sd_event_source*, std::uint64_t, void* self) noexcept {
    static_cast<Front*>(self)->answer_questions();
    return 0;
}

void Front::answer_questions() {
    if (questions_.empty()) {
        survey_.reset();
        return;
    }
    follow_tree();
    if (!survey_)
        survey_ = std::make_unique<Survey>(machine_, settings_.max_cgroups);
    survey_->follow(tree_,
                    [this](const TreeNode& node) { return marks_for(package_->policy, node); });
    Round round{.now = std::chrono::steady_clock::now()};
    std::erase_if(questions_, [&](Question& question) {
        if (!has_room(sd_bus_message_get_bus(question.call.message())))
            return false; // The bus takes no more just now.
        return question.kind == Question::Kind::Candidates ? answer_candidates(question, round)
                                                           : answer_explain(question, round);
    });
    last_round_usec_ = monotonic_usec();
    const Microseconds pause = questions_.empty() ? until_forgotten : second_look;
    answer_at(last_round_usec_ + static_cast<std::uint64_t>(pause.count()));
}

/// Nothing when it has to be looked at again.
const Choice* Front::choice_of(RuleIndex rule, Slot watched, Round& round) {
    const auto known = round.choices.find({rule, watched});
    if (known != round.choices.end())
        return known->second.ready ? &known->second.choice : nullptr;
    if (round.choices.size() >= most_choices)
        return nullptr;
    Round::Known& made = round.choices[{rule, watched}];
    made.ready =
        survey_->choose(package_->policy.rules[rule], rule, watched, round.now, made.choice);
    return made.ready ? &made.choice : nullptr;
}

std::optional<Permyriad> Front::share_of(RuleIndex rule, const TreeNode& watched,
                                         Round& round) const {
    const auto [share, is_new] = round.shares.try_emplace({rule, watched.slot});
    if (is_new)
        share->second = share_of(package_->policy.rules[rule], watched);
    return share->second;
}

/// Where the rule would act first: the cgroup that it watches with most pressure.
const TreeNode* Front::most_pressed(RuleIndex rule, Round& round) const {
    const auto known = round.most_pressed.find(rule);
    if (known != round.most_pressed.end())
        return known->second;
    const std::string name = escape(package_->policy.rules[rule].name);
    const TreeNode*& most = round.most_pressed[rule];
    std::optional<Permyriad> highest;
    for (const Watched& watched : status_.watched) {
        const TreeNode* const node =
            watched.rule == name ? node_at(unescape(watched.cgroup)) : nullptr;
        if (node == nullptr)
            continue;
        const std::optional<Permyriad> share = share_of(rule, *node, round);
        if (most == nullptr || share > highest) {
            most = node;
            highest = share;
        }
    }
    return most;
}

/// True when it is dealt with.
bool Front::answer_candidates(Question& question, Round& round) {
    const std::vector<Rule>& rules = package_->policy.rules;
    const auto rule = std::ranges::find(rules, question.text, &Rule::name);
    if (rule == rules.end()) {
        question.call.refuse(bus_error::no_such_rule,
                             "No rule named " + escape(question.text) + " is in force.");
        return true;
    }
    CandidateList list{.sampled_usec = round.realtime};
    const auto index = static_cast<RuleIndex>(rule - rules.begin());
    if (const TreeNode* const watched = most_pressed(index, round)) {
        const Choice* const choice = choice_of(index, watched->slot, round);
        if (choice == nullptr)
            return false;
        for (const Candidate& candidate : choice->ranked)
            list.lines.push_back({.watched = name_of(watched->id),
                                  .cgroup = name_of(candidate.id),
                                  .position = static_cast<std::uint32_t>(list.lines.size() + 1),
                                  .single_process = candidate.processes,
                                  .measures = measures_of(candidate)});
    }
    question.call.answer(list);
    return true;
}

const TreeNode* Front::node_at(std::string_view path) const {
    return path.starts_with('/') ? tree_.by_path(path.substr(1)) : nullptr;
}

Immunity Front::refusal_of(const TreeNode& node) const {
    if (node.path.empty())
        return Immunity::Root;
    if (is_self_or_ancestor(node.path, settings_.own_cgroup))
        return Immunity::Own;
    return marks_for(package_->policy, node).never ? Immunity::Essential : Immunity::None;
}

/// The cgroup that the call is about; else it is refused and there is none.
const TreeNode* Front::known(Call& call, const std::string& cgroup) const {
    const TreeNode* const node = node_at(cgroup);
    if (node == nullptr)
        call.refuse(bus_error::no_such_cgroup, "There is no control group " + escape(cgroup) +
                                                   ", or reapd does not follow it.");
    return node;
}

bool Front::answer_explain(Question& question, Round& round) {
    const TreeNode* const node = known(question.call, question.text);
    if (node == nullptr)
        return true;
    Explanation explanation{
        .cgroup = name_of(node->id), .sampled_usec = round.realtime, .refusal = refusal_of(*node)};
    const Table& table = survey_->table();
    bool ready = true;
    for (RuleIndex rule = 0; rule < package_->policy.rules.size(); ++rule) {
        Slot watched = node->slot;
        while (watched != no_slot && (table.at(watched).marks.watched >> rule & 1) == 0)
            watched = table.at(watched).parent;
        if (watched == no_slot)
            continue;
        if (const Choice* const choice = choice_of(rule, watched, round))
            explanation.rules.push_back(explain(*node, rule, watched, *choice, round));
        else
            ready = false;
    }
    if (!ready)
        return false;
    if (const Row& row = table.at(node->slot); row.usage) {
        Candidate candidate = candidate_of(row, node->slot, 0);
        candidate.preference = 0; // of one rule, and these are of none
        explanation.measures = measures_of(candidate);
    }
    question.call.answer(explanation);
    return true;
}

RuleAnswer Front::explain(const TreeNode& node, RuleIndex index, Slot watched, const Choice& choice,
                          Round& round) const {
    const Rule& rule = package_->policy.rules[index];
    const Table& table = survey_->table();
    const TreeNode* const above = tree_.by_slot(watched);
    const auto numbers = status_.rule_numbers.find(rule.name);
    RuleAnswer answer{.rule = escape(rule.name),
                      .watched = name_of(above->id),
                      .ranked = static_cast<std::uint32_t>(choice.ranked.size()),
                      .limit = limit_text(rule.when),
                      .minimum_size = rule.victim.minimum_size,
                      .above = numbers != status_.rule_numbers.end() && numbers->second.above,
                      .share = share_of(index, *above, round)};
    if (!choice.ranked.empty())
        answer.first = name_of(choice.ranked.front().id);
    if (const Row& row = table.at(node.slot); row.usage)
        answer.measures = measures_of(candidate_of(row, node.slot, index, table.at(watched).marks));
    const Place place =
        place_of({table, rule, index, watched, choice}, {.slot = node.slot,
                                                         .path = node.path,
                                                         .refusal = refusal_of(node),
                                                         .measures = answer.measures});
    answer.standing = place.standing;
    answer.position = place.position;
    if (place.instead != no_slot)
        answer.instead = name_of(table.at(place.instead).id);
    return answer;
}

} // namespace reapd
