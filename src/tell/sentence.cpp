// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"
#include "settings/rule_text.hpp"
#include "tell/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace reapd {
namespace {

/// Measured shares keep both decimals, as the kernel prints them.
std::string percent(std::uint32_t permyriad) { return share_number(permyriad) + "%"; }

/// "31.20% full pressure over 1s on /system.slice"; empty for a rule that looks at amounts alone.
std::string pressure(const Told& told) {
    const Event& event = told.event;
    if (event.window.count() == 0)
        return {};
    return fmt::format("{} {} pressure over {} on {}", percent(event.pressure),
                       event.pressure_full ? "full" : "some", span_text(event.window),
                       told.name_of(event.watched));
}

/// "6.10% of 4.0G memory available"; empty when it was not read.
std::string memory(const Event& event) {
    if (!event.memory || event.memory->total.value == 0)
        return {};
    const auto [total, available, swap_total, swap_free] = *event.memory;
    const auto share = static_cast<std::uint32_t>(available.value * 10000 / total.value);
    std::string text = fmt::format("{} of {} memory available", percent(share), size_text(total));
    if (swap_total.value > 0)
        text += fmt::format(", {} of {} swap free", size_text(swap_free), size_text(swap_total));
    return text;
}

/// "1.2G in /user.slice", "30M a second more in /user.slice" and so on; nothing of what the rule
/// does not ask for.
std::vector<std::string> amounts(const Told& told) {
    const Event& event = told.event;
    const std::string in = " in " + told.name_of(event.watched);
    std::vector<std::string> all;
    if (event.current)
        all.push_back(size_text(*event.current) + in);
    if (event.growth)
        all.push_back(
            size_text({static_cast<std::uint64_t>(std::max<std::int64_t>(*event.growth, 0))}) +
            " a second more" + in);
    if (event.refaults)
        all.push_back(fmt::format("{} pages a second read again{}", *event.refaults, in));
    return all;
}

/// What made the rule act.
std::string measured(const Told& told) {
    std::vector<std::string> all = amounts(told);
    all.insert(all.begin(), pressure(told));
    all.push_back(memory(told.event));
    std::erase(all, "");
    return fmt::format("{}", fmt::join(all, ", "));
}

std::string plural(std::uint32_t count, std::string_view noun, std::string_view ending) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : ending);
}

/// What spoke against the victim beside its size: "grew by 240M a second and 500M in the last
/// minute, stood still 35.00% of the time, ", and whatever else the rule orders by; empty when
/// nothing did.
std::string reasons(const Told& told) {
    const Event& event = told.event;
    const std::span ranking = std::span{event.ranking}.first(event.ranking_used);
    const auto found = std::ranges::find(ranking, event.victim, &Ranked::cgroup);
    if (found == ranking.end())
        return {};
    const Ranked& victim = *found;
    std::string text;
    if (victim.preference != 0)
        text += victim.preference > 0 ? "preferred, " : "to avoid but the only one, ";
    const bool grows = victim.growth_known && victim.growth > 0;
    if (grows)
        text += fmt::format("grew by {} a second",
                            size_text({static_cast<std::uint64_t>(victim.growth)}));
    if (victim.gained > Bytes{})
        text += fmt::format("{} {} in the last minute", grows ? " and" : "grew by",
                            size_text(victim.gained));
    if (grows || victim.gained > Bytes{})
        text += ", ";
    if (victim.stall && victim.stall->value > 0)
        text += fmt::format("stood still {} of the time, ", percent(victim.stall->value));
    const auto asked = [&](Order order) {
        return told.rule &&
               std::ranges::find(told.rule->victim.order, order) != told.rule->victim.order.end();
    };
    if (asked(Order::Swap))
        text += fmt::format("{} in swap, ", size_text(victim.swap));
    if (asked(Order::Reclaim) && victim.scan_rate)
        text += fmt::format("{} of its pages a second looked at for reclaim, ", *victim.scan_rate);
    if (asked(Order::Refaults) && victim.refault_rate)
        text += fmt::format("{} pages a second read again, ", *victim.refault_rate);
    return text;
}

/// "Hints about /a.service (rule idle): 6.10% of 4G memory available; at most 256M a round."
std::string began_to_cool(const Told& told) {
    const Event& event = told.event;
    const std::string_view verb = event.dry_run                    ? "Not cooled (dry run):"
                                  : event.means == Action::Reclaim ? "Reclaims from"
                                                                   : "Hints about";
    return fmt::format("{} {} (rule {}): {}; at most {} a round.", verb, victim_text(told),
                       rule_text(told), measured(told), size_text(event.promise));
}

std::string has_cooled(const Told& told) {
    const CooledSum& cooled = told.event.cooled;
    std::string text = fmt::format("Took {} from {} in {}", size_text(cooled.moved),
                                   victim_text(told), plural(cooled.rounds, "round", "s"));
    if (cooled.marked > Bytes{})
        text += fmt::format(" and called {} of its mappings cold", size_text(cooled.marked));
    text += cooled.back > Bytes{} ? fmt::format("; {} came back", size_text(cooled.back))
                                  : "; nothing came back";
    if (cooled.stalled > Microseconds{})
        text += fmt::format(", for which it waited {}", span_text(cooled.stalled));
    if (cooled.refused > 0)
        text += fmt::format("; {} not for reapd to touch",
                            cooled.refused == 1 ? "1 process is"
                                                : fmt::format("{} processes are", cooled.refused));
    if (const char* const reason = ::strerrordesc_np(cooled.error); cooled.error != 0)
        text += fmt::format("; it failed: {}", reason ? reason : "unknown error");
    return text + '.';
}

/// What is measured in microseconds and told in seconds.
std::string rough_span(Microseconds span) {
    return span_text(std::chrono::round<std::chrono::seconds>(span));
}

std::string froze(const Told& told) {
    const Event& event = told.event;
    return fmt::format("{} {} (rule {}): {}; {}{} to be paged out; to be {} in {}.",
                       event.dry_run ? "Not frozen (dry run):" : "Froze", victim_text(told),
                       rule_text(told), measured(told), reasons(told), size_text(event.promise),
                       event.then == FreezeThen::Kill ? "killed" : "thawed",
                       span_text(event.frozen_for));
}

/// What became of a freeze.
std::string stood(const Told& told) {
    const Event& event = told.event;
    if (event.error_code != 0) {
        const char* const reason = ::strerrordesc_np(event.error_code);
        return fmt::format("{} could not be frozen: {}.", victim_text(told),
                           reason ? reason : "unknown error");
    }
    std::string text = event.kill.until_signal.count() > 0
                           ? fmt::format("{} stood still after {}", victim_text(told),
                                         span_text(event.kill.until_signal))
                           : fmt::format("Not all of {} stands still", victim_text(told));
    text +=
        fmt::format("; {} of {} paged out", size_text(event.released), size_text(event.promise));
    if (event.window.count() > 0)
        text += fmt::format("; pressure went from {} to {}", percent(event.pressure),
                            percent(event.pressure_after));
    return text + (event.useless ? ". That was useless." : ".");
}

std::string thawed(const Told& told) {
    const Event& event = told.event;
    if (event.order != 0)
        return fmt::format("Thawed {}, as {} asked.", victim_text(told), told.requester);
    return fmt::format("Thawed {} (rule {}): it had stood frozen for {}.", victim_text(told),
                       rule_text(told), rough_span(event.frozen_for));
}

std::string held_up(const Told& told) {
    const bool cooling = cools(told.event.means);
    return fmt::format(
        "To {} {} (rule {}) has taken more than a minute: the kernel holds it up, and "
        "until that ends nothing else is {}.",
        cooling ? "cool" : "freeze", victim_text(told), rule_text(told),
        cooling ? "cooled or frozen" : "frozen");
}

std::string acted(const Told& told) {
    const Event& event = told.event;
    if (cools(event.means))
        return began_to_cool(told);
    if (event.means == Action::Freeze)
        return froze(told);
    if (event.was_frozen)
        return fmt::format("Killed {} (rule {}): it had stood frozen for {}; {} expected back.",
                           victim_text(told), rule_text(told), rough_span(event.frozen_for),
                           size_text(event.promise));
    const char* verb = "Killed";
    if (event.logged_only)
        verb = "Not killed (Do=log):";
    else if (event.dry_run)
        verb = "Not killed (dry run):";
    else if (event.grace.count() > 0)
        return fmt::format("Asked {} to end (rule {}): {}; {}SIGKILL in {}.", victim_text(told),
                           rule_text(told), measured(told), reasons(told), span_text(event.grace));
    if (event.order != 0)
        return fmt::format("{} {}, as {} asked: {}; {} expected back.", verb, victim_text(told),
                           told.requester, told.reason.empty() ? "no reason given" : told.reason,
                           size_text(event.promise));
    return fmt::format("{} {} (rule {}): {}; {}{} expected back.", verb, victim_text(told),
                       rule_text(told), measured(told), reasons(told), size_text(event.promise));
}

std::string completed(const Told& told) {
    const Event& event = told.event;
    if (cools(event.means))
        return has_cooled(told);
    std::string text = fmt::format("{} gave back {} of {}", victim_text(told),
                                   size_text(event.released), size_text(event.promise));
    if (event.until_released.count() > 0)
        text += " within " + span_text(event.until_released);
    text += fmt::format(": {}, signalled after {}", plural(event.kill.processes, "process", "es"),
                        span_text(event.kill.until_signal));
    if (event.kill.survivors > 0)
        text += fmt::format("; {} still {}", plural(event.kill.survivors, "process", "es"),
                            event.kill.survivors == 1 ? "lives" : "live");
    if (event.window.count() > 0)
        text += fmt::format("; pressure went from {} to {}", percent(event.pressure),
                            percent(event.pressure_after));
    text += '.';
    if (event.useless)
        text += " The kill was useless.";
    return text;
}

std::string relieved(const Told& told) {
    const std::string was = pressure(told);
    return fmt::format("Spared {} (rule {}): {}.", victim_text(told), rule_text(told),
                       was.empty() ? "memory is available again"
                                   : was + ", but it was gone before the kill");
}

/// Who would have been first: ", not even /a.service with 1.2G"; empty if nobody was passed over.
std::string first_exempt(const Told& told) {
    const std::span ranking = std::span{told.event.ranking}.first(told.event.ranking_used);
    const auto found = std::ranges::find(ranking, true, &Ranked::exempt);
    return found == ranking.end()
               ? ""
               : fmt::format(", not even {} with {}", told.name_of(found->cgroup),
                             size_text(found->promise));
}

std::string why_stuck(const Told& told) {
    const Event& event = told.event;
    switch (event.stuck) {
    case StuckReason::None:
        break;
    case StuckReason::NoCandidate:
        return fmt::format("nothing below {} that {} would help", told.name_of(event.watched),
                           event.means == Action::Freeze ? "can still be frozen" : "may die");
    case StuckReason::AllProtected:
        return fmt::format("of {} none may be {}{}", plural(event.candidates, "candidate", "s"),
                           event.means == Action::Freeze ? "frozen" : "killed", first_exempt(told));
    case StuckReason::Useless:
        return event.means == Action::Freeze ? "freezing did not help"
                                             : "the last kills did not help";
    case StuckReason::Failed:
        return event.means == Action::Freeze ? "the freeze failed" : "the kill failed";
    }
    return "nothing would help";
}

std::string guard_error(const Event& event) {
    const char* const reason = ::strerrordesc_np(event.error_code);
    return fmt::format("The guard failed in {}: {}.", event.error_call,
                       reason ? reason : "unknown error");
}

} // namespace

std::string rule_text(const Told& told) {
    if (told.event.order != 0)
        return {};
    return told.rule ? escape(told.rule->name) : "gone";
}

std::string victim_text(const Told& told) {
    const Event& event = told.event;
    std::string cgroup = told.name_of(event.victim);
    if (event.victim_pid == 0)
        return cgroup;
    const std::string_view raw{event.victim_name.data(),
                               ::strnlen(event.victim_name.data(), event.victim_name.size())};
    return fmt::format("process {} ({}) in {}", event.victim_pid, escape(raw), cgroup);
}

std::string sentence(const Told& told) {
    const Event& event = told.event;
    switch (event.kind) {
    case EventKind::Armed:
        return fmt::format("Pressure rises on {}.", told.name_of(event.watched));
    case EventKind::Disarmed:
        return "Pressure is over; sleeping.";
    case EventKind::Acted:
        return acted(told);
    case EventKind::Completed:
        return event.means == Action::Freeze ? stood(told) : completed(told);
    case EventKind::FreezeOver:
        return thawed(told);
    case EventKind::Stuck:
        return fmt::format("Stuck (rule {}): {}, but {}.", rule_text(told), measured(told),
                           why_stuck(told));
    case EventKind::Unstuck:
        return fmt::format("No longer stuck (rule {}): pressure on {} is over.", rule_text(told),
                           told.name_of(event.watched));
    case EventKind::Relieved:
        return relieved(told);
    case EventKind::TriggerLost:
        return fmt::format("The trigger on {} is gone; rule {} looks by itself.",
                           told.name_of(event.watched), rule_text(told));
    case EventKind::Crossed:
    case EventKind::Refused:
    case EventKind::PolicyDone:
        break; // Not for people.
    case EventKind::HeldUp:
        return held_up(told);
    case EventKind::GuardError:
        return guard_error(event);
    }
    return {};
}

} // namespace reapd
