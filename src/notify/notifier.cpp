// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/notifier.hpp"

#include "base/escape.hpp"
#include "notify/details.hpp"
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
    if ((what != "kill" && what != "terminate") || user_of(victim) != user_)
        return;
    const Details details{signal};

    const auto known = cases_.find(id);
    const bool goes_on =
        known != cases_.end() && known->second.kill.asked && !known->second.kill.released;
    // Numbers only rise, so this one is of a reapd that was started anew.
    if (!goes_on && !cases_.empty() && id <= cases_.rbegin()->first)
        cases_.clear();

    Case& mine = cases_[id];
    mine.owner = this;
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

void Notifier::take_completed(sd_bus_message* signal) {
    std::uint64_t id = 0;
    if (sd_bus_message_read(signal, "t", &id) <= 0)
        return;
    const auto found = cases_.find(id);
    if (found == cases_.end())
        return;
    if (const auto released = Details{signal}.number("ReleasedBytes"))
        found->second.kill.released = Bytes{*released};
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
    const Program program = program_of(shown.kill.cgroup);
    const Bulletin bulletin = bulletin_of(shown.kill, names_(program));
    sd_bus_message* made = nullptr;
    int r = sd_bus_message_new_method_call(session_, &made, notifications, notifications_path,
                                           notifications, "Notify");
    const sd::BusMessage call{made};
    r = append(r, made, "susss", "reapd", shown.shown, "", bulletin.title.c_str(),
               bulletin.body.c_str());
    // Critical: it stays until somebody has seen it, for what was not saved is lost.
    constexpr unsigned char critical = 2;
    constexpr std::int32_t as_the_server_likes = -1;
    const std::string id = escape(program.id);
    if (id.empty())
        r = append(r, made, "asa{sv}i", 0U, 1U, "urgency", "y", critical, as_the_server_likes);
    else
        r = append(r, made, "asa{sv}i", 0U, 2U, "urgency", "y", critical, "desktop-entry", "s",
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
    if (shown.stale)
        shown.owner->show(shown);
    return 0;
}

} // namespace reapd
