// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Events of the guard as people read them: one sentence, journal fields, a history entry.

#include "settings/rule.hpp"
#include "tell/event.hpp"
#include "tell/journal.hpp"
#include "tell/status.hpp"

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace reapd {

/// An event with names put in.
struct Told {
    const Event& event;
    const Rule* rule = nullptr; ///< nullptr when its policy is gone
    /// Escaped path of a cgroup, also one that is gone; "cgroup 1234" when it was never known.
    std::function<std::string(CgroupId)> name_of{};
    std::string requester{}; ///< who asked for it by hand
    std::string reason{};    ///< and why, escaped
};

/// "Killed /system.slice/hog.service (rule machine): 31.20% full pressure over 1s on /, 6.10% of
/// 4G memory available; 812.4M expected back."
std::string sentence(const Told& told);

/// "/system.slice/hog.service", or "process 1234 (name) in /user.slice/...".
std::string victim_text(const Told& told);

/// The escaped name of the rule; "gone" when its policy is gone, empty when no rule decided it.
std::string rule_text(const Told& told);

/// "kill", "terminate" (SIGTERM first), "hint", "reclaim", "freeze", "thaw", "log" or "dry-run".
std::string action_text(const Event& event);

/// "no-candidate", "all-protected", "useless" or "failed".
std::string reason_text(StuckReason reason);

/// 3120 as "31.20": percent, as the kernel prints pressure.
std::string share_number(std::uint32_t permyriad);

/// The journal entry, with MESSAGE_ID, the fields of the design, and OBJECT_SYSTEMD_UNIT= or
/// OBJECT_SYSTEMD_USER_UNIT= worked out from the victim's path. REAPD_CANDIDATES= is JSON.
Entry journal_entry(const Told& told);

/// What a user may read in a journal of its own about a victim of its own: the sentence, the rule,
/// the unit. Not the ranking, which names what others run. Nothing when nobody was signalled or it
/// was no user's.
struct UserEntry {
    uid_t user = 0;
    Entry entry;
};
std::optional<UserEntry> entry_for_user(const Told& told);

/// The system unit and, below user@UID.service, the user unit that owns a cgroup path. Empty
/// when there is none.
struct UnitNames {
    std::string system{};
    std::string user{};
    bool operator==(const UnitNames&) const = default;
};
UnitNames units_of(std::string_view path);

/// The user whose slice, user-UID.slice in user.slice, a cgroup path is in.
std::optional<uid_t> user_of(std::string_view path);

/// Adds OBJECT_SYSTEMD_UNIT= and OBJECT_SYSTEMD_USER_UNIT= of an escaped path, where there are any.
void add_units(Entry& entry, std::string_view cgroup);

} // namespace reapd
