// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/report.hpp"

#include "base/escape.hpp"
#include "base/release_calls.hpp"
#include "settings/rule_text.hpp"
#include "tell/message_ids.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <syslog.h>

#include <algorithm>
#include <array>

namespace reapd {
namespace {

/// How one kind of event shows in the journal.
struct Form {
    std::string_view event{};
    std::string_view message_id{}; ///< empty: none
    int priority = LOG_INFO;
};

Form form_of(const Event& event) {
    switch (event.kind) {
    case EventKind::Armed:
        return {"armed", {}, LOG_DEBUG};
    case EventKind::Disarmed:
        return {"disarmed", {}, LOG_DEBUG};
    case EventKind::Acted:
        if (event.dry_run || event.logged_only)
            return {"acted", message_id::not_killed, LOG_NOTICE};
        if (cools(event.means))
            return {"acted", message_id::cooling, LOG_INFO};
        if (event.means == Action::Freeze)
            return {"acted", message_id::rule_froze, LOG_WARNING};
        if (event.was_frozen)
            return {"acted", message_id::killed_frozen, LOG_WARNING};
        if (event.grace.count() > 0)
            return {"asked", message_id::asked, LOG_NOTICE};
        if (event.order != 0)
            return {"acted", message_id::ordered, LOG_WARNING};
        return {"acted", message_id::killed, LOG_WARNING};
    case EventKind::Completed:
        if (cools(event.means))
            return {"completed", message_id::cooled,
                    event.cooled.error != 0 || event.cooled.refused > 0 ? LOG_WARNING : LOG_INFO};
        return {"completed",
                event.means == Action::Freeze ? message_id::paged_out : message_id::completed,
                event.useless ? LOG_WARNING : LOG_INFO};
    case EventKind::FreezeOver:
        return {"thawed", message_id::rule_thawed, LOG_NOTICE};
    case EventKind::Stuck:
        // Where nobody can be frozen any more somebody can still be killed.
        if (event.means == Action::Freeze)
            return {"stuck", message_id::stuck_freezing, LOG_NOTICE};
        return {"stuck", message_id::stuck, LOG_ERR};
    case EventKind::Unstuck:
        return {"unstuck", message_id::unstuck, LOG_NOTICE};
    case EventKind::Relieved:
        return {"relieved", message_id::relieved, LOG_INFO};
    case EventKind::TriggerLost:
        return {"trigger-lost", {}, LOG_NOTICE};
    case EventKind::Crossed:
    case EventKind::Refused:
    case EventKind::PolicyDone:
        break; // Not for the journal.
    case EventKind::HeldUp:
        return {"held-up", message_id::held_up, LOG_WARNING};
    case EventKind::GuardError:
        return {"error", message_id::guard_failed, LOG_ERR};
    }
    return {};
}

bool has_victim(const Event& event) {
    return event.kind == EventKind::Acted || event.kind == EventKind::Completed ||
           event.kind == EventKind::Relieved;
}

bool has_measure(const Event& event) { return has_victim(event) || event.kind == EventKind::Stuck; }

bool is_of_rule(const Event& event) {
    return event.order == 0 &&
           (has_measure(event) || event.kind == EventKind::Unstuck ||
            event.kind == EventKind::FreezeOver || event.kind == EventKind::HeldUp ||
            event.kind == EventKind::TriggerLost);
}

std::uint64_t count(Microseconds span) { return static_cast<std::uint64_t>(span.count()); }

std::string candidates_json(const Told& told) {
    auto list = nlohmann::json::array();
    const std::size_t used = std::min<std::size_t>(told.event.ranking_used, ranked_shown);
    for (std::size_t i = 0; i < used; ++i) {
        const Ranked& ranked = told.event.ranking[i];
        nlohmann::json row{{"cgroup", told.name_of(ranked.cgroup)},
                           {"id", ranked.cgroup.value},
                           {"current", ranked.current.value},
                           {"promise", ranked.promise.value},
                           {"growth", nullptr},
                           {"gained", ranked.gained.value},
                           {"swap", ranked.swap.value},
                           {"preference", ranked.preference},
                           {"exempt", ranked.exempt}};
        if (ranked.growth_known)
            row["growth"] = ranked.growth;
        if (ranked.stall)
            row["stall"] = ranked.stall->value / 100.0;
        if (ranked.scan_rate)
            row["scans"] = *ranked.scan_rate;
        if (ranked.refault_rate)
            row["refaults"] = *ranked.refault_rate;
        if (ranked.pid != 0)
            row["pid"] = ranked.pid;
        list.push_back(std::move(row));
    }
    return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void add_victim(Entry& entry, const Told& told) {
    const std::string cgroup = told.name_of(told.event.victim);
    entry.add(field::cgroup, cgroup);
    if (has_victim(told.event))
        entry.add(field::bytes_before, told.event.promise.value);
    if (told.event.victim_pid > 0)
        entry.add(field::pid, static_cast<std::uint64_t>(told.event.victim_pid));

    add_units(entry, cgroup);
}

void add_measure(Entry& entry, const Told& told) {
    const Event& event = told.event;
    if (event.window.count() > 0) { // else the rule looks at amounts alone, or there is none
        entry.add(field::pressure, share_number(event.pressure));
        entry.add(field::pressure_kind, event.pressure_full ? "full" : "some");
        entry.add(field::window, count(event.window));
    }
    if (event.memory) {
        entry.add(field::memory_available, event.memory->available.value);
        entry.add(field::swap_free, event.memory->swap_free.value);
    }
    entry.add(field::candidates, candidates_json(told));
}

void add_cooled(Entry& entry, const CooledSum& cooled) {
    entry.add(field::rounds, cooled.rounds);
    entry.add(field::processes, cooled.processes);
    entry.add(field::bytes_released, cooled.moved.value);
    entry.add(field::bytes_cold, cooled.marked.value);
    entry.add(field::bytes_back, cooled.back.value);
    entry.add(field::stall, count(cooled.stalled));
    entry.add(field::refused, cooled.refused);
}

/// By the names of the features.
std::string calls_text(std::uint32_t calls) {
    constexpr std::array<std::pair<std::uint32_t, std::string_view>, 4> names{{
        {release_call::reap_kill, "mrelease-reap-kill"},
        {release_call::expedite, "kill-expedite"},
        {release_call::bounded, "mrelease-bounded"},
        {release_call::whole, "mrelease"},
    }};
    std::string text;
    for (const auto& [call, name] : names)
        if ((calls & call) != 0) {
            text += text.empty() ? "" : " ";
            text += name;
        }
    return text;
}

void add_result(Entry& entry, const Event& event) {
    const KillResult& kill = event.kill;
    if (event.window.count() > 0)
        entry.add(field::pressure_after, share_number(event.pressure_after));
    entry.add(field::processes, kill.processes);
    if (event.means == Action::Freeze) {
        entry.add(field::bytes_released, event.released.value);
        entry.add(field::signal, count(kill.until_signal));
        return;
    }
    entry.add(field::survivors, kill.survivors);
    entry.add(field::bytes_released, event.released.value);
    entry.add(field::signal, count(kill.until_signal));
    if (event.until_half.count() > 0)
        entry.add(field::half, count(event.until_half));
    if (event.until_released.count() > 0)
        entry.add(field::release, count(event.until_released));
    if (kill.calls != 0)
        entry.add(field::release_calls, calls_text(kill.calls));
    entry.add(field::mrelease_ok, kill.released);
    entry.add(field::mrelease_esrch, kill.esrch);
    entry.add(field::mrelease_eagain, kill.eagain);
    entry.add(field::mrelease_einval, kill.einval);
    entry.add(field::mrelease_refused, kill.refused);
}

} // namespace

std::string share_number(std::uint32_t permyriad) {
    return fmt::format("{}.{:02}", permyriad / 100, permyriad % 100);
}

std::string action_text(const Event& event) {
    if (event.logged_only)
        return "log";
    if (event.dry_run)
        return "dry-run";
    if (cools(event.means))
        return to_text(event.means);
    if (event.kind == EventKind::FreezeOver)
        return "thaw";
    if (event.means == Action::Freeze)
        return "freeze";
    return event.grace.count() > 0 ? "terminate" : "kill";
}

std::string reason_text(StuckReason reason) {
    switch (reason) {
    case StuckReason::None:
        return "none";
    case StuckReason::NoCandidate:
        return "no-candidate";
    case StuckReason::AllProtected:
        return "all-protected";
    case StuckReason::Useless:
        return "useless";
    case StuckReason::Failed:
        return "failed";
    }
    return "none";
}

void add_units(Entry& entry, std::string_view cgroup) {
    const UnitNames units = units_of(unescape(cgroup));
    if (!units.system.empty())
        entry.add(field::object_unit, units.system);
    if (!units.user.empty())
        entry.add(field::object_user_unit, units.user);
}

Entry journal_entry(const Told& told) {
    const Event& event = told.event;
    const Form form = form_of(event);
    Entry entry{form.priority, sentence(told)};
    if (!form.message_id.empty())
        entry.add(field::message_id, form.message_id);
    entry.add(field::event, form.event);
    if (is_of_rule(event)) {
        entry.add(field::rule, rule_text(told));
        entry.add(field::watched, told.name_of(event.watched));
    }
    if (event.order != 0 && event.kind == EventKind::Acted) {
        entry.add(field::requester, told.requester);
        entry.add(field::reason, told.reason);
    }
    if (event.action != 0)
        entry.add(field::id, event.action);
    if (event.kind == EventKind::Acted || event.kind == EventKind::Completed ||
        event.kind == EventKind::FreezeOver || event.kind == EventKind::HeldUp)
        entry.add(field::action, action_text(event));
    if (event.kind == EventKind::Stuck)
        entry.add(field::reason, reason_text(event.stuck));
    if (has_victim(event) || event.kind == EventKind::FreezeOver || event.kind == EventKind::HeldUp)
        add_victim(entry, told);
    if (has_measure(event))
        add_measure(entry, told);
    if (event.kind == EventKind::Completed && cools(event.means))
        add_cooled(entry, event.cooled);
    else if (event.kind == EventKind::Completed)
        add_result(entry, event);
    return entry;
}

} // namespace reapd
