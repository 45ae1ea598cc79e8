// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/at_limit.hpp"

#include <algorithm>

namespace reapd {
namespace {

enum class Limit : std::uint8_t { Calm, Unknown, Hit };

class Judge {
public:
    Judge(const Table& table, Slot watched, TimePoint since) noexcept
        : rows_{table.rows()}, watched_{watched}, since_{since} {}

    /// Whether it is known that neither the watched cgroup nor one above it is at its limit.
    bool calm_from_watched_up() const noexcept {
        std::size_t steps = 0;
        for (Slot at = watched_; exists(at) && steps < rows_.size(); at = rows_[at].parent) {
            const Limit own = limit(closeup_of(rows_[at]).own_limit);
            // The root of the hierarchy has no limit, and no file.
            const bool unlimited = own == Limit::Unknown && rows_[at].parent == no_slot;
            if (own != Limit::Calm && !unlimited)
                return false;
            ++steps;
        }
        return true;
    }

    bool hit_below_watched() const noexcept {
        return limit(closeup_of(rows_[watched_]).limits_within) == Limit::Hit;
    }

    Limit of_candidate(Slot slot) const noexcept {
        Limit worst = limit(closeup_of(rows_[slot]).limits_within);
        if (slot == watched_)
            return worst;
        std::size_t levels = 0;
        for (Slot at = rows_[slot].parent; exists(at) && at != watched_; at = rows_[at].parent) {
            if (++levels > most_levels)
                return std::max(worst, Limit::Unknown);
            worst = std::max(worst, limit(closeup_of(rows_[at]).own_limit));
        }
        return worst;
    }

private:
    bool exists(Slot slot) const noexcept { return slot < rows_.size(); } // no_slot does not

    Limit limit(const LimitHits& hits) const noexcept {
        if (!hits.count)
            return Limit::Unknown;
        if (hits.grew_after >= since_)
            return Limit::Hit;
        return hits.before >= since_ ? Limit::Calm : Limit::Unknown;
    }

    std::span<const Row> rows_;
    Slot watched_;
    TimePoint since_;
};

} // namespace

std::size_t keep_at_limit(const Table& table, Slot watched, TimePoint since,
                          std::span<Slot> candidates) noexcept {
    const Judge judge{table, watched, since};
    if (watched >= table.rows().size() || !judge.calm_from_watched_up())
        return candidates.size();
    const auto hit = [&](Slot slot) { return judge.of_candidate(slot) == Limit::Hit; };
    // One that is no candidate may be the one: then nobody's death helps.
    if (!judge.hit_below_watched() && std::ranges::none_of(candidates, hit))
        return candidates.size();
    const auto gone = std::ranges::partition(
        candidates, [&](Slot slot) { return judge.of_candidate(slot) != Limit::Calm; });
    return candidates.size() - gone.size();
}

} // namespace reapd
