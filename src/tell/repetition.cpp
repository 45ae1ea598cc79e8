// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/repetition.hpp"

#include "settings/rule_text.hpp"
#include "tell/message_ids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reapd {
namespace {

constexpr unsigned allowed = 3;
constexpr Microseconds shortest_period = std::chrono::minutes{1};
constexpr Microseconds longest_period = std::chrono::hours{1};

/// Users choose the names of cgroups, so there may be any number of topics. Beyond this many,
/// entries of one kind and rule are alike, of which there are few.
constexpr std::size_t most_topics = 64;

bool has_victim(EventKind kind) {
    return kind == EventKind::Acted || kind == EventKind::Completed || kind == EventKind::Relieved;
}

} // namespace

std::optional<Topic> topic_of(const Told& told) {
    const Event& event = told.event;
    switch (event.kind) {
    case EventKind::Acted:
        // Who orders something is pointed to the entry about it.
        if (event.order != 0 || (!event.dry_run && !event.logged_only && !cools(event.means)))
            return {};
        break;
    case EventKind::Completed:
        if (!cools(event.means))
            return {};
        break;
    case EventKind::Relieved:
    case EventKind::Stuck:
    case EventKind::Unstuck:
    case EventKind::TriggerLost:
        break;
    case EventKind::GuardError:
        return Topic{.kind = event.kind, .rule = event.error_call};
    case EventKind::Armed:
    case EventKind::Disarmed:
    case EventKind::FreezeOver:
    case EventKind::HeldUp:
    case EventKind::PolicyDone:
    case EventKind::Crossed:
    case EventKind::Refused:
        return {};
    }
    return Topic{.kind = event.kind,
                 .rule = rule_text(told),
                 .watched = told.name_of(event.watched),
                 .cgroup = has_victim(event.kind) ? told.name_of(event.victim) : std::string{}};
}

Entry repeated_entry(const Repeated& repeated) {
    const auto& [topic, count, period, last] = repeated;
    Entry entry{last.priority(), fmt::format("{} more like this within {}: {}", count,
                                             span_text(period), last.message())};
    entry.add(field::message_id, message_id::repeated);
    entry.add(field::event, "repeated");
    entry.add(field::count, count);
    if (!topic.watched.empty()) {
        entry.add(field::rule, topic.rule);
        entry.add(field::watched, topic.watched);
    }
    if (!topic.cgroup.empty()) {
        entry.add(field::cgroup, topic.cgroup);
        add_units(entry, topic.cgroup);
    }
    return entry;
}

Repetition::Period& Repetition::period_of(Topic topic, TimePoint now) {
    const auto over = [now](const Period& period) { return period.end <= now && period.held == 0; };
    if (!periods_.contains(topic) && periods_.size() >= most_topics) {
        std::erase_if(periods_, [&](const auto& entry) { return over(entry.second); });
        if (periods_.size() >= most_topics)
            topic = Topic{.kind = topic.kind, .rule = std::move(topic.rule)};
    }
    Period& period = periods_[std::move(topic)];
    if (over(period))
        period = Period{.end = now + shortest_period, .length = shortest_period};
    return period;
}

bool Repetition::passes(const Topic& topic, const Entry& entry, TimePoint now) {
    Period& period = period_of(topic, now);
    if (period.passed < allowed) {
        ++period.passed;
        return true;
    }
    ++period.held;
    period.last = entry;
    return false;
}

std::optional<TimePoint> Repetition::due() const {
    std::optional<TimePoint> first;
    for (const auto& [topic, period] : periods_)
        if (period.held > 0 && (!first || period.end < *first))
            first = period.end;
    return first;
}

std::vector<Repeated> Repetition::take(TimePoint now) {
    std::vector<Repeated> taken;
    for (auto& [topic, period] : periods_) {
        if (!period.last || period.end > now)
            continue;
        taken.push_back({.topic = topic,
                         .count = period.held,
                         .period = period.length,
                         .last = std::move(*period.last)});
        period.last.reset();
        period.held = 0;
        period.length = std::min(period.length * 2, longest_period);
        period.end = now + period.length;
    }
    return taken;
}

} // namespace reapd
