// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The journal's native protocol over our own non-blocking datagram socket.
///
/// sd_journal_send() waits for ever while journald lives but does not read, and drops silently
/// when it is absent. This neither waits nor is silent: what could not be sent is counted.
/// Source: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/

#include "base/fd.hpp"
#include "base/result.hpp"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// Names as in the design: constants, because a typo in a literal compiles.
namespace field {
constexpr std::string_view message_id = "MESSAGE_ID";
constexpr std::string_view event = "REAPD_EVENT";
constexpr std::string_view rule = "REAPD_RULE";
constexpr std::string_view cgroup = "REAPD_CGROUP";
constexpr std::string_view action = "REAPD_ACTION";
constexpr std::string_view pressure = "REAPD_PRESSURE";
constexpr std::string_view pressure_after = "REAPD_PRESSURE_AFTER"; ///< when a kill is over
constexpr std::string_view pressure_kind = "REAPD_PRESSURE_KIND";   ///< "full" or "some"
constexpr std::string_view window = "REAPD_WINDOW_USEC";
constexpr std::string_view memory_available = "REAPD_MEMORY_AVAILABLE";
constexpr std::string_view swap_free = "REAPD_SWAP_FREE";
constexpr std::string_view processes = "REAPD_PROCESSES";
constexpr std::string_view survivors = "REAPD_SURVIVORS";
constexpr std::string_view bytes_before = "REAPD_BYTES_BEFORE";
constexpr std::string_view bytes_released = "REAPD_BYTES_RELEASED";
constexpr std::string_view rounds = "REAPD_ROUNDS";         ///< of hint and reclaim
constexpr std::string_view bytes_back = "REAPD_BYTES_BACK"; ///< read again after them
constexpr std::string_view bytes_cold = "REAPD_BYTES_COLD"; ///< called cold
constexpr std::string_view stall = "REAPD_STALL_USEC";      ///< waited for memory after them
constexpr std::string_view refused = "REAPD_REFUSED";       ///< processes that are not for us
constexpr std::string_view signal = "REAPD_SIGNAL_USEC";
constexpr std::string_view half = "REAPD_HALF_RELEASE_USEC";
constexpr std::string_view release = "REAPD_RELEASE_USEC";
constexpr std::string_view release_calls = "REAPD_RELEASE_CALLS"; ///< what took memory back
constexpr std::string_view mrelease_ok = "REAPD_MRELEASE_OK";
constexpr std::string_view mrelease_esrch = "REAPD_MRELEASE_ESRCH";
constexpr std::string_view mrelease_eagain = "REAPD_MRELEASE_EAGAIN";
constexpr std::string_view mrelease_einval = "REAPD_MRELEASE_EINVAL";
constexpr std::string_view mrelease_refused = "REAPD_MRELEASE_REFUSED"; ///< any other errno
constexpr std::string_view candidates = "REAPD_CANDIDATES";
constexpr std::string_view watched = "REAPD_WATCHED";
constexpr std::string_view id = "REAPD_ID";
constexpr std::string_view count = "REAPD_COUNT"; ///< of entries that were held back or lost
constexpr std::string_view pid = "REAPD_PID";
constexpr std::string_view reason = "REAPD_REASON";
constexpr std::string_view requester = "REAPD_REQUESTER"; ///< who asked for it by hand
constexpr std::string_view rival = "REAPD_RIVAL";         ///< the service of another killer
constexpr std::string_view object_unit = "OBJECT_SYSTEMD_UNIT";
constexpr std::string_view object_user_unit = "OBJECT_SYSTEMD_USER_UNIT";
} // namespace field

/// One journal entry: fields in order. MESSAGE and PRIORITY are fields like any other.
class Entry {
public:
    Entry(int priority, std::string_view message);
    Entry& add(std::string_view name, std::string_view value);
    Entry& add(std::string_view name, std::uint64_t value);

    /// The datagram. Values with a newline get the length-prefixed form.
    const std::string& wire() const noexcept { return wire_; }
    std::string_view message() const noexcept { return message_; }
    int priority() const noexcept { return priority_; }

private:
    std::string wire_{};
    std::string message_{};
    int priority_ = 6;
};

/// "3 entries could not be written while the journal did not answer."
Entry lost_entry(std::uint64_t count);

class Journal {
public:
    /// `path` is the socket, "/run/systemd/journal/socket" but in tests. A journal that is not
    /// there is no error: entries go to standard error then, with their "<N>" priority.
    explicit Journal(std::string path);

    /// Sends without waiting. Entries above the level are left out. What was lost before is told
    /// first, as one entry.
    void send(const Entry& entry) noexcept;

    /// Puts a copy into the journal of that user, which is the only one that the user may read
    /// and that `journalctl --user` shows.
    ///
    /// journald files an entry by the user it comes from; no field of the entry changes that. So
    /// this one comes from the user, which takes CAP_SETUID. (By a field OBJECT_SYSTEMD_USER_UNIT=
    /// and user 0 as its sender an entry only *matches* `journalctl --user-unit=UNIT` of those who
    /// may read the system's journal.) Users below 1000 and journals in memory have no files of
    /// their own. A loss is not counted: the system's journal is told as well.
    void send_to_user(uid_t user, const Entry& entry) noexcept;

    /// Tells how many entries were lost since that was told last, if the journal takes it now.
    void tell_lost() noexcept;
    bool owes() const noexcept { return untold_ > 0; }

    /// What could not be sent so far.
    std::uint64_t dropped() const noexcept { return dropped_; }

    int level() const noexcept { return level_; }
    void set_level(int level) noexcept { level_ = level; }

    /// "journal" or "console": LogControl1's LogTarget.
    std::string_view target() const noexcept { return to_console_ ? "console" : "journal"; }
    void set_console(bool on) noexcept { to_console_ = on; }

private:
    bool deliver(const Entry& entry) noexcept;

    std::string path_;
    Fd socket_{};
    std::uint64_t dropped_ = 0;
    std::uint64_t untold_ = 0; ///< of these, not told yet
    int level_ = 6;
    bool to_console_ = false;
};

} // namespace reapd
