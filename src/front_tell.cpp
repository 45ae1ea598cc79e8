// SPDX-License-Identifier: LGPL-2.1-or-later
#include "front.hpp"
#include "tell/report.hpp"

#include <algorithm>

/// Entries on their way to the journal: what says the same again is held back for a while, and
/// what a journal that did not answer has lost is told when it answers again.

namespace reapd {
namespace {

/// How often a journal that lost entries is asked whether it takes some again.
constexpr std::chrono::seconds ask_journal_after{5};

TimePoint now() { return std::chrono::steady_clock::now(); }

} // namespace

void Front::tell(const Told& told) {
    const Entry entry = journal_entry(told);
    const std::optional<Topic> topic = topic_of(told);
    if (entry.priority() <= journal_.level() && topic &&
        !repetition_.passes(*topic, entry, now())) {
        tell_later();
        return;
    }
    write(entry);
    if (const std::optional<UserEntry> copy = entry_for_user(told))
        journal_.send_to_user(copy->user, copy->entry);
}

void Front::write(const Entry& entry) {
    journal_.send(entry);
    tell_later();
}

void Front::tell_later() {
    std::optional<TimePoint> due = repetition_.due();
    if (journal_.owes())
        due = std::min(due.value_or(TimePoint::max()), now() + ask_journal_after);
    if (!tell_)
        return;
    if (due) {
        const auto usec = std::chrono::duration_cast<Microseconds>(due->time_since_epoch());
        (void)sd_event_source_set_time(tell_.get(), static_cast<std::uint64_t>(usec.count()));
    }
    (void)sd_event_source_set_enabled(tell_.get(), due ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

int Front::on_tell(sd_event_source*, std::uint64_t, void* self) noexcept {
    auto& front = *static_cast<Front*>(self);
    for (const Repeated& repeated : front.repetition_.take(now()))
        front.journal_.send(repeated_entry(repeated));
    front.journal_.tell_lost();
    front.tell_later();
    return 0;
}

} // namespace reapd
