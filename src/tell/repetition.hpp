// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Holds back journal entries that say again what was said just before: a dry run that chooses
/// the same victim every few seconds, a rule that is stuck and unstuck by turns.
///
/// Of each topic three entries pass within a minute. The rest are counted, and one entry tells of
/// them when the minute is over: "12 more like this". While it goes on, periods get longer, up to
/// an hour, and nothing else passes; after a period with nothing held back it begins anew.
///
/// What was done to a process is never held back: it has no topic. Cooling does nothing to it.

#include "base/units.hpp"
#include "tell/report.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reapd {

/// What entries must share to be alike. Names, not ids: a unit that is started again has a new
/// cgroup and is the same unit.
struct Topic {
    EventKind kind = EventKind::Armed;
    std::string rule{};
    std::string watched{};
    std::string cgroup{}; ///< the victim; empty when there is none
    auto operator<=>(const Topic&) const = default;
};

/// Nothing for what is never held back.
std::optional<Topic> topic_of(const Told& told);

/// What was held back of one topic in a period.
struct Repeated {
    Topic topic{};
    std::uint64_t count = 0;
    Microseconds period{};
    Entry last; ///< of those
};

/// "12 more like this within 1min: " and what the last one said.
Entry repeated_entry(const Repeated& repeated);

class Repetition {
public:
    /// May this entry go out now? If not, it is counted.
    bool passes(const Topic& topic, const Entry& entry, TimePoint now);

    /// When the first period ends in which something was held back.
    std::optional<TimePoint> due() const;

    /// What was held back in the periods that are over.
    std::vector<Repeated> take(TimePoint now);

private:
    struct Period {
        TimePoint end{};
        Microseconds length{};
        unsigned passed = 0;
        std::uint64_t held = 0;
        std::optional<Entry> last{};
    };
    Period& period_of(Topic topic, TimePoint now);

    std::map<Topic, Period> periods_{};
};

} // namespace reapd
