// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/notifier.hpp"

#include "base/escape.hpp"
#include "tell/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <utility>

namespace reapd {
namespace {

constexpr const char* service = "org.reapd1";
constexpr const char* path = "/org/reapd1";
constexpr const char* manager = "org.reapd1.Manager";

constexpr const char* notifications = "org.freedesktop.Notifications";
constexpr const char* notifications_path = "/org/freedesktop/Notifications";

// What a person can answer; the first is also what a click on the notification means.
constexpr const char* thaw_key = "thaw";
constexpr const char* kill_key = "kill";

/// Only the last one or two are ever spoken of again.
constexpr std::size_t most_cases = 8;

Permyriad share_of(double share) {
    return {static_cast<std::uint32_t>(std::lround(std::clamp(share, 0.0, 1.0) * 10000))};
}

/// sd_bus_message_append() ends at the first failure, and so does this.
template <typename... Args>
int append(int before, sd_bus_message* call, Args... arguments) {
    return before < 0 ? before : sd_bus_message_append(call, arguments...);
}

} // namespace

Notifier::Notifier(sd_bus* session, uid_t user, Names names)
    : session_{session}, user_{user}, names_{std::move(names)} {}

Result<> Notifier::listen(sd_bus* system) {
    for (const auto& [member, slot] : {std::pair{"Acted", &acted_}, {"Completed", &completed_}}) {
        sd_bus_slot* match = nullptr;
        const int r =
            sd_bus_match_signal(system, &match, service, path, manager, member, on_signal, this);
        if (r < 0)
            return failed("sd_bus_match_signal", -r);
        slot->reset(match);
    }
    system_ = system;
    sd_bus_slot* match = nullptr;
    int r = sd_bus_match_signal(session_, &match, nullptr, notifications_path, notifications,
                                "ActionInvoked", on_answer, this);
    if (r < 0)
        return failed("sd_bus_match_signal", -r);
    answered_.reset(match);
    r = sd_bus_add_match(system, &match,
                         "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                         "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                         "arg0='org.reapd1'",
                         on_owner, this);
    if (r < 0)
        return failed("sd_bus_add_match", -r);
    owned_.reset(match);
    return {};
}

int Notifier::on_signal(sd_bus_message* signal, void* self, sd_bus_error*) noexcept {
    auto& notifier = *static_cast<Notifier*>(self);
    // The daemon speaks to all. To one alone anybody may send what looks like it.
    if (sd_bus_message_get_destination(signal) != nullptr)
        return 0;
    if (sd_bus_message_is_signal(signal, nullptr, "Acted") > 0)
        notifier.take_acted(signal);
    else
        notifier.take_completed(signal);
    return 0;
}

void Notifier::take_acted(sd_bus_message* signal) {
    std::uint64_t id = 0;
    const char* action = "";
    const char* cgroup = "";
    const char* rule = "";
    if (sd_bus_message_read(signal, "tsss", &id, &action, &cgroup, &rule) <= 0)
        return;
    const std::string what = action;
    std::string victim = unescape(cgroup);
    if (user_of(victim) != user_)
        return;
    const bool ends = what == "kill" || what == "terminate";
    if (ends || what == "thaw")
        withdraw_freezes(&victim);
    if (!ends && what != "freeze")
        return;
    const Details details{signal};

    const auto known = cases_.find(id);
    const bool goes_on =
        known != cases_.end() && known->second.kill.asked && !known->second.kill.released;
    // Numbers only rise, so this one is of a reapd that was started anew.
    if (!goes_on && !cases_.empty() && id <= cases_.rbegin()->first) {
        withdraw_freezes();
        cases_.clear();
    }

    Case& mine = cases_[id];
    mine.owner = this;
    if (what == "freeze")
        take_freeze(mine, std::move(victim), rule, details);
    else
        mine.kill = {.cgroup = std::move(victim),
                     .rule = rule,
                     .requester = details.text("Requester"),
                     .reason = details.text("Reason"),
                     .asked = what == "terminate",
                     .pressure = share_of(details.share("Pressure").value_or(0)),
                     .has_pressure = details.number("WindowUSec").value_or(0) > 0,
                     .expected = {details.number("ExpectedBytes").value_or(0)}};
    show(mine);
    while (cases_.size() > most_cases)
        cases_.erase(cases_.begin());
}

void Notifier::take_freeze(Case& mine, std::string victim, const char* rule,
                           const Details& details) {
    const std::uint64_t longest = details.number("FreezeMaxUSec").value_or(0);
    mine.freeze = {.cgroup = std::move(victim),
                   .rule = rule,
                   .pressure = share_of(details.share("Pressure").value_or(0)),
                   .has_pressure = details.number("WindowUSec").value_or(0) > 0,
                   .longest = Microseconds{static_cast<Microseconds::rep>(longest)},
                   .killed_then = details.text("FreezeThen") == "kill"};
}

/// Nothing is asked any more of `cgroup`, or of none: it goes on, or has ended.
void Notifier::withdraw_freezes(const std::string* cgroup) {
    for (auto& [id, mine] : cases_) {
        if (!mine.freeze || mine.over || (cgroup != nullptr && mine.freeze->cgroup != *cgroup))
            continue;
        mine.over = true;
        mine.stale = false;
        close(mine);
    }
}

/// At once, or as soon as its number is known. Who has closed it himself does not mind.
void Notifier::close(const Case& shown) {
    if (shown.shown != 0 && !shown.asking)
        (void)sd_bus_call_method_async(session_, nullptr, notifications, notifications_path,
                                       notifications, "CloseNotification", nullptr, nullptr, "u",
                                       shown.shown);
}

/// A reapd that ends thaws what its rules froze, and says nothing more.
int Notifier::on_owner(sd_bus_message* signal, void* self, sd_bus_error*) noexcept {
    const char* name = "";
    const char* before = "";
    const char* after = "";
    if (sd_bus_message_read(signal, "sss", &name, &before, &after) > 0 && *after == '\0')
        static_cast<Notifier*>(self)->withdraw_freezes();
    return 0;
}

int Notifier::on_answer(sd_bus_message* signal, void* self, sd_bus_error*) noexcept {
    std::uint32_t notification = 0;
    const char* answer = "";
    if (sd_bus_message_read(signal, "us", &notification, &answer) > 0)
        static_cast<Notifier*>(self)->take_answer(notification, answer);
    return 0;
}

void Notifier::take_answer(std::uint32_t notification, std::string_view answer) {
    const auto asked = std::ranges::find_if(cases_, [&](const auto& entry) {
        const Case& mine = entry.second;
        return mine.freeze && !mine.over && notification != 0 && mine.shown == notification;
    });
    if (asked == cases_.end())
        return; // Of another program, or of what is over.
    if (answer == thaw_key)
        order("Thaw", asked->second.freeze->cgroup);
    else if (answer == kill_key)
        order("Kill", asked->second.freeze->cgroup);
}

/// What a rule froze of one's own takes no password as shipped; where it does, polkit asks.
void Notifier::order(const char* member, const std::string& cgroup) {
    sd_bus_message* made = nullptr;
    int r = sd_bus_message_new_method_call(system_, &made, service, path, manager, member);
    const sd::BusMessage call{made};
    r = append(r, made, "s", escape(cgroup).c_str());
    if (std::string_view{member} == "Kill")
        r = append(r, made, "sa{sv}", "chosen in the notification", 0U);
    if (r >= 0)
        r = sd_bus_message_set_allow_interactive_authorization(made, 1);
    constexpr std::uint64_t person_answers = 120'000'000; // microseconds
    if (r >= 0)
        r = sd_bus_call_async(system_, nullptr, made, on_ordered, this, person_answers);
    if (r < 0)
        std::fprintf(stderr, "<4>Cannot order anything of reapd: %s\n", std::strerror(-r));
}

int Notifier::on_ordered(sd_bus_message* answer, void*, sd_bus_error*) noexcept {
    if (const sd_bus_error* const error = sd_bus_message_get_error(answer))
        std::fprintf(stderr, "<4>reapd does not do what was chosen: %s\n",
                     error->message ? error->message : error->name);
    return 0;
}

void Notifier::take_completed(sd_bus_message* signal) {
    std::uint64_t id = 0;
    if (sd_bus_message_read(signal, "t", &id) <= 0)
        return;
    const auto found = cases_.find(id);
    if (found == cases_.end())
        return;
    if (found->second.over)
        return;
    if (const auto released = Details{signal}.number("ReleasedBytes")) {
        Case& mine = found->second;
        (mine.freeze ? mine.freeze->paged_out : mine.kill.released) = Bytes{*released};
    }
    show(found->second);
}

/// At once, or, while its number is not known, as soon as it is.
void Notifier::show(Case& shown) {
    shown.stale = shown.asking != nullptr;
    if (shown.stale)
        return;
    if (const int r = send(shown); r < 0)
        std::fprintf(stderr, "<4>Cannot ask for a notification: %s\n", std::strerror(-r));
}

int Notifier::send(Case& shown) {
    const Program program = program_of(shown.freeze ? shown.freeze->cgroup : shown.kill.cgroup);
    const std::string name = names_(program);
    const Bulletin bulletin =
        shown.freeze ? bulletin_of(*shown.freeze, name) : bulletin_of(shown.kill, name);
    sd_bus_message* made = nullptr;
    int r = sd_bus_message_new_method_call(session_, &made, notifications, notifications_path,
                                           notifications, "Notify");
    const sd::BusMessage call{made};
    r = append(r, made, "susss", "reapd", shown.shown, "", bulletin.title.c_str(),
               bulletin.body.c_str());
    // Critical: it stays until somebody has seen it, for what was not saved is lost.
    constexpr unsigned char critical = 2;
    constexpr std::int32_t as_the_server_likes = -1;
    if (bulletin.asks)
        r = append(r, made, "as", 4U, thaw_key, "Let it go on", kill_key, "Close it");
    else
        r = append(r, made, "as", 0U);
    const std::string id = escape(program.id);
    if (id.empty())
        r = append(r, made, "a{sv}i", 1U, "urgency", "y", critical, as_the_server_likes);
    else
        r = append(r, made, "a{sv}i", 2U, "urgency", "y", critical, "desktop-entry", "s",
                   id.c_str(), as_the_server_likes);
    sd_bus_slot* slot = nullptr;
    if (r >= 0)
        r = sd_bus_call_async(session_, &slot, made, on_shown, &shown, 0);
    shown.asking.reset(slot);
    return r;
}

int Notifier::on_shown(sd_bus_message* answer, void* of, sd_bus_error*) noexcept {
    auto& shown = *static_cast<Case*>(of);
    if (const sd_bus_error* const error = sd_bus_message_get_error(answer))
        std::fprintf(stderr, "<4>Nobody shows notifications: %s\n",
                     error->message ? error->message : error->name);
    else
        (void)sd_bus_message_read(answer, "u", &shown.shown);
    shown.asking.reset();
    if (shown.over)
        shown.owner->close(shown);
    else if (shown.stale)
        shown.owner->show(shown);
    return 0;
}

} // namespace reapd
