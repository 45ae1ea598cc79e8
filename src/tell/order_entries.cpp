// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/order_entries.hpp"

#include "tell/message_ids.hpp"
#include "tell/report.hpp"

#include <fmt/format.h>
#include <syslog.h>

namespace reapd {

Entry frozen_entry(std::string_view cgroup, bool frozen, const Requester& requester) {
    Entry entry{LOG_NOTICE, fmt::format("{} {}, as {} asked.", frozen ? "Froze" : "Thawed", cgroup,
                                        to_text(requester))};
    entry.add(field::message_id, frozen ? message_id::frozen : message_id::thawed);
    entry.add(field::event, frozen ? "frozen" : "thawed");
    entry.add(field::cgroup, cgroup);
    entry.add(field::requester, to_text(requester));
    add_units(entry, cgroup);
    return entry;
}

Entry left_frozen_entry(std::string_view cgroup) {
    Entry entry{LOG_NOTICE,
                fmt::format("Thawed {}: reapd had ended while a rule kept it frozen.", cgroup)};
    entry.add(field::message_id, message_id::left_frozen);
    entry.add(field::event, "thawed");
    entry.add(field::cgroup, cgroup);
    add_units(entry, cgroup);
    return entry;
}

Entry reloaded_entry(std::size_t rules, const std::optional<Requester>& requester) {
    const std::string by = requester ? fmt::format(", as {} asked", to_text(*requester)) : "";
    Entry entry{LOG_NOTICE, fmt::format("Settings reloaded{}: {} rules.", by, rules)};
    entry.add(field::message_id, message_id::reloaded);
    if (requester)
        entry.add(field::requester, to_text(*requester));
    return entry;
}

} // namespace reapd
