// SPDX-License-Identifier: LGPL-2.1-or-later
#include "freeze_run.hpp"

#include "base/files.hpp"
#include "sense/cgroup_file.hpp"

#include <algorithm>
#include <string_view>

namespace reapd {
namespace {

/// Until it stands still every hundredth counts; afterwards stall time has to gather.
constexpr std::chrono::milliseconds stopping_step{5};
constexpr std::chrono::milliseconds measuring_step{50};

/// The front thaws at once; so long after it was asked, its answer or the question was lost.
constexpr std::chrono::seconds ask_again_after{1};

/// Who is frozen for seconds could be so again and again; he counts as if it were so long.
constexpr std::chrono::minutes counted_at_least{1};

std::optional<Bytes> read_resident(int dir) noexcept {
    std::array<char, 32> text{};
    const Result<std::string_view> read = read_at(dir, "memory.current", text);
    const Result<std::uint64_t> bytes = read ? parse_single(*read) : failed("read", ENOENT);
    return bytes ? std::optional{Bytes{*bytes}} : std::nullopt;
}

/// "rule NAME", for who reads the mark.
std::string_view by_rule(const Rule& rule, std::span<char> text) noexcept {
    constexpr std::string_view prefix = "rule ";
    const std::string_view name =
        std::string_view{rule.name}.substr(0, text.size() - prefix.size());
    char* const end = std::ranges::copy(name, std::ranges::copy(prefix, text.data()).out).out;
    return {text.data(), static_cast<std::size_t>(end - text.data())};
}

} // namespace

/// Its old place, a free one, or that of who goes on and would be remembered least long.
Frozen* FreezeRun::place_for(CgroupId cgroup) noexcept {
    Frozen* best = nullptr;
    for (Frozen& frozen : frozen_) {
        if (frozen.cgroup == cgroup)
            return &frozen;
        if (!frozen.stands && (best == nullptr || ends_at(frozen.time) < ends_at(best->time)))
            best = &frozen;
    }
    return best;
}

bool FreezeRun::had_its_turn(CgroupId cgroup, TimePoint now) const noexcept {
    return std::ranges::any_of(frozen_, [&](const Frozen& frozen) {
        return frozen.cgroup == cgroup && now < ends_at(frozen.time);
    });
}

bool FreezeRun::excuses(TimePoint now) const noexcept {
    return std::ranges::count_if(frozen_, [&](const Frozen& frozen) {
               const TimePoint until =
                   std::max(ends_at(frozen.time), frozen.time.since + counted_at_least);
               return frozen.cgroup != CgroupId{} && now < until;
           }) <= most_excused;
}

bool FreezeRun::begin(const Table& table, Slot slot, const Rule& rule, const Watch& watch,
                      TimePoint now, Event& event) noexcept {
    const Row& row = table.at(slot);
    Frozen* const place = place_for(row.id);
    std::array<char, 200> by{};
    if (place == nullptr ||
        !freezer_.begin(row.dir, by_rule(rule, by), freezing_limits::longest_stop))
        return false;
    const Bytes resident =
        read_resident(row.dir).value_or(row.usage ? row.usage->current : Bytes{});
    event.then = rule.freezing.then;
    event.frozen_for = rule.freezing.longest;
    event.promise = resident;
    *place = {.cgroup = row.id,
              .stands = true,
              .slot = slot,
              .time = {.since = now, .freezing = rule.freezing},
              .generation = event.generation,
              .rule = event.rule,
              .watched = event.watched};
    active_ = true;
    overdue_.begin(now);
    just_stopped_ = false;
    rule_name_ = watch.name;
    slot_ = slot;
    const std::optional<PressureLimit>& limit =
        rule.when.pressure_full ? rule.when.pressure_full : rule.when.pressure_some;
    course_.begin(now, {.resident = resident,
                        .share = limit ? std::optional{Permyriad{event.pressure}} : std::nullopt,
                        .limit = limit ? limit->share : Permyriad{},
                        .window = longest_window(rule.when)});
    fresh_ = StallWindow{course_.fresh_window()};
    next_look_ = now + stopping_step;
    event_ = event;
    return true;
}

bool FreezeRun::step(const Table& table, TimePoint now, const std::optional<Pressure>& pressure,
                     Event& event) noexcept {
    const FreezeProgress progress = freezer_.progress();
    const bool there = table.at(slot_).id == event_.victim;
    const FreezeSeen seen{.still = progress.still,
                          .out = progress.out,
                          .resident = there ? read_resident(table.at(slot_).dir) : std::nullopt};
    const bool was_stopping = stopping();
    FreezeCourse::Phase phase = course_.step(now, seen);
    if (was_stopping && phase != FreezeCourse::Phase::Stopping)
        just_stopped_ = true;
    if (phase == FreezeCourse::Phase::Measuring) {
        if (pressure)
            fresh_.add(now, event_.pressure_full ? pressure->full.total : pressure->some.total);
        const std::optional<Permyriad> share = pressure ? fresh_.share() : std::nullopt;
        if (share || !pressure)
            phase = course_.measured(now, share);
        event_.pressure_after = share ? share->value : event_.pressure_after;
    }
    next_look_ = now + (stopping() ? stopping_step : measuring_step);
    if (phase != FreezeCourse::Phase::Done && there && progress.error == 0)
        return false;

    active_ = false;
    next_look_ = TimePoint::max();
    if (progress.error != 0)
        erase(event_.victim); // Nobody was frozen; least of all who was before.
    event_.kind = EventKind::Completed;
    event_.at = now;
    event_.released = course_.paged_out();
    event_.kill.until_signal = course_.until_still().value_or(Microseconds{});
    event_.useless = progress.error != 0 || course_.useless();
    event_.error_code = progress.error;
    event = event_;
    return true;
}

bool FreezeRun::is_held_up(TimePoint now, Event& event) noexcept {
    if (!overdue_.happens(now) || freezer_.progress().out)
        return false;
    event = event_;
    event.kind = EventKind::HeldUp;
    event.at = now;
    return true;
}

Frozen* FreezeRun::due(TimePoint now) noexcept {
    for (Frozen& frozen : frozen_)
        if (frozen.stands && now >= ends_at(frozen.time) && now >= frozen.next_attempt) {
            frozen.next_attempt = now + ask_again_after;
            return &frozen;
        }
    return nullptr;
}

void FreezeRun::forget(CgroupId cgroup) noexcept {
    if (event_.victim == cgroup) // Paging it out may take longer than the look at it.
        freezer_.leave();
    for (Frozen& frozen : frozen_)
        if (frozen.cgroup == cgroup)
            frozen.stands = false;
}

void FreezeRun::erase(CgroupId cgroup) noexcept {
    forget(cgroup);
    for (Frozen& frozen : frozen_)
        if (frozen.cgroup == cgroup)
            frozen = {};
}

void FreezeRun::forget_within(const Table& table, Slot slot) noexcept {
    for (const Frozen& frozen : frozen_)
        if (frozen.stands && table.at(frozen.slot).id == frozen.cgroup &&
            table.within(frozen.slot, slot))
            forget(frozen.cgroup);
}

TimePoint FreezeRun::next_step() const noexcept {
    TimePoint next = std::min(active_ ? next_look_ : TimePoint::max(), overdue_.due());
    for (const Frozen& frozen : frozen_)
        if (frozen.stands)
            next = std::min(next, std::max(ends_at(frozen.time), frozen.next_attempt));
    return next;
}

} // namespace reapd
