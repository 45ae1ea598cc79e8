// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"
#include "tell/message_ids.hpp"
#include "tell/report.hpp"

#include <syslog.h>

#include <utility>

namespace reapd {
namespace {

/// Of users below it, root among them, journald puts everything into the system's journal, where
/// this would only be said twice.
constexpr uid_t first_with_journal = 1000;

std::string_view message_id_of(const Event& event) {
    if (event.means == Action::Freeze)
        return message_id::told_froze;
    if (event.order != 0)
        return message_id::told_user_ordered;
    return event.grace.count() > 0 ? message_id::told_user_asked : message_id::told_user;
}

} // namespace

std::optional<UserEntry> entry_for_user(const Told& told) {
    const Event& event = told.event;
    if (event.kind != EventKind::Acted || event.dry_run || event.logged_only || cools(event.means))
        return {};
    const std::string cgroup = told.name_of(event.victim);
    const std::optional<uid_t> user = user_of(unescape(cgroup));
    if (!user || *user < first_with_journal)
        return {};
    Entry entry{LOG_WARNING, sentence(told)};
    entry.add(field::message_id, message_id_of(event));
    entry.add(field::event, "told-user");
    entry.add(field::id, event.action);
    if (event.order != 0) {
        entry.add(field::requester, told.requester);
        entry.add(field::reason, told.reason);
    } else {
        entry.add(field::rule, rule_text(told));
    }
    entry.add(field::action, action_text(event));
    entry.add(field::cgroup, cgroup);
    entry.add(field::bytes_before, event.promise.value);
    add_units(entry, cgroup);
    return UserEntry{.user = *user, .entry = std::move(entry)};
}

} // namespace reapd
