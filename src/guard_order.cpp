// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard.hpp"
#include "process_sum.hpp"

#include <span>

/// The guard kills because a person asked for it: no rule, no ranking, and then the way of every
/// kill.

namespace reapd {

void Guard::kill_ordered(const Request& request, TimePoint now) noexcept {
    event_ = {.kind = EventKind::Acted,
              .at = now,
              .order = request.order,
              .generation = package_ != nullptr ? package_->policy.generation : 0,
              .rule = no_rule};
    if (package_ == nullptr || request.slot >= table_.rows().size() ||
        table_.at(request.slot).id != request.id) {
        refuse_order(OrderRefusal::Gone);
        return;
    }
    if (kill_.active() || !executioner_.idle()) {
        refuse_order(OrderRefusal::Busy);
        return;
    }
    const Candidate victim = sole_candidate(request.slot, event_, now);
    switch (kill_.choose(std::span{&victim, 1}, table_, event_)) {
    case StuckReason::None:
        break;
    case StuckReason::AllProtected:
        refuse_order(OrderRefusal::Exempt);
        return;
    case StuckReason::Failed:
        refuse_order(OrderRefusal::Denied);
        return;
    default:
        refuse_order(OrderRefusal::Empty);
        return;
    }
    event_.action = ++actions_;
    event_.dry_run = package_->policy.config.dry_run;
    if (event_.dry_run) {
        executioner_.finish();
    } else {
        for (Watch& each : watches_.all())
            each.concerned = table_.within(request.slot, each.slot);
        cool_.cancel();
        const Watch nobody{.slot = request.slot};
        kill_.execute(table_, order_rule_, nobody, now, event_);
        note_killed(event_);
    }
    post(event_);
}

/// Measured as for a rule, and the whole ranking. What some rule would spare or prefer, or have one
/// process of, is nothing to a kill that is not chosen among others.
Candidate Guard::sole_candidate(Slot slot, Event& event, TimePoint now) noexcept {
    Row& row = table_.at(slot);
    table_.look_closely(slot, now); // Or page cache would be promised, too.
    if (machine_.memory_controller) {
        measure(row, now);
        measure_closely(row);
    } else {
        measure_by_processes(machine_, row, now);
    }
    Candidate victim = candidate_of(row, slot, 0);
    victim.processes = false;
    victim.preference = 0;
    event.ranking_used = 1;
    event.ranking[0] = ranked_of(victim);
    if (const Result<MemInfo> memory = read_meminfo(machine_))
        event.memory = *memory;
    return victim;
}

void Guard::refuse_order(OrderRefusal why) noexcept {
    event_.kind = EventKind::Refused;
    event_.refusal = why;
    post(event_);
}

} // namespace reapd
