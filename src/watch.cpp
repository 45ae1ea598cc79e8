// SPDX-License-Identifier: LGPL-2.1-or-later
#include "watch.hpp"

#include "decide/pace.hpp"
#include "decide/rank.hpp"

#include <algorithm>

namespace reapd {
namespace {

/// Rules that ask for a rate look so often: two readings closer together tell bursts.
constexpr std::chrono::seconds rate_poll{1};

/// FNV-1a. Two rules of one policy cannot share a name; that two names share a hash is out of
/// reach of 64 rules.
std::uint64_t hash(std::string_view name) noexcept {
    std::uint64_t value = 0xcbf29ce484222325;
    for (const char c : name)
        value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return value;
}

/// Keeps a window's memory if its length is still the same.
void set_length(StallWindow& window, const std::optional<PressureLimit>& limit) noexcept {
    const Microseconds length = limit ? limit->window : Microseconds{};
    if (window.length() != length)
        window = StallWindow{length};
}

} // namespace

Microseconds longest_window(const When& when) noexcept {
    return std::max(when.pressure_some ? when.pressure_some->window : Microseconds{},
                    when.pressure_full ? when.pressure_full->window : Microseconds{});
}

/// All conditions must hold, so it is enough to be there when the one farthest away can.
Microseconds amounts_sleep(const When& when, const Measured& measured) noexcept {
    const MemInfo memory = measured.memory.value_or(MemInfo{});
    // A rate can be there at any moment.
    Microseconds longest = when.memory_growth || when.refaults ? rate_poll : Microseconds{};
    const auto look = [&](const std::optional<AmountLimit>& limit, Bytes now, Bytes whole,
                          bool swap) {
        if (!limit)
            return;
        const Bytes at = limit->share ? part_of(whole, *limit->share) : limit->bytes;
        const Bytes headroom = limit->side == AmountLimit::Side::Below ? now - at : at - now;
        longest = std::max(longest, amount_sleep(headroom, swap));
    };
    look(when.memory_available, memory.available, memory.total, false);
    look(when.swap_free, memory.swap_free, memory.swap_total, true);
    // Without swap it can only hold once there is some.
    if (when.swap_used && memory.swap_total == Bytes{})
        longest = std::max(longest, amount_sleep(Bytes{UINT64_MAX}, true));
    else
        look(when.swap_used, memory.swap_total - memory.swap_free, memory.swap_total, true);
    look(when.memory_current, measured.current.value_or(Bytes{}), memory.total, false);
    return longest;
}

bool lasts(Watch& watch, const When& when, Met met, TimePoint now) noexcept {
    if (met != Met::Yes)
        watch.met_since = {};
    else if (watch.met_since == TimePoint{})
        watch.met_since = now;
    return met == Met::Yes && now - watch.met_since >= when.lasting;
}

Microseconds shortest_window(const When& when) noexcept {
    if (when.pressure_some && when.pressure_full)
        return std::min(when.pressure_some->window, when.pressure_full->window);
    return longest_window(when);
}

bool WatchList::place(const Policy& policy, Slot slot, const Row& row,
                      std::uint32_t rule) noexcept {
    const std::uint64_t name = hash(policy.rules[rule].name);
    const auto same = [&](const Watch& watch) {
        return watch.used && watch.name == name && watch.cgroup == row.id;
    };
    auto found = std::ranges::find_if(all(), same);
    if (found == all().end()) {
        found = std::ranges::find_if(all(), [](const Watch& watch) { return !watch.used; });
        if (found == all().end() && reached_ == max_watches)
            return false;
        if (found == all().end())
            found = watches_.span().begin() + static_cast<std::ptrdiff_t>(reached_++);
        *found = Watch{.used = true, .name = name, .cgroup = row.id};
    }
    found->current = true;
    found->slot = slot;
    found->rule = rule;
    const When& when = policy.rules[rule].when;
    // Who is told that a trigger is missing is told so again.
    found->polled = found->polled && amounts_only(when);
    set_length(found->some, when.pressure_some);
    set_length(found->full, when.pressure_full);
    return true;
}

bool WatchList::adopt(const Policy& policy, const Table& table) noexcept {
    for (Watch& watch : all())
        watch.current = false;
    bool fits = true;
    // In the order of the rules: what users ask for comes last, and is what does not fit.
    for (std::uint32_t rule = 0; rule < policy.rules.size(); ++rule)
        for (Slot slot = 0; slot < table.rows().size(); ++slot)
            if (const Row& row = table.at(slot);
                row.id != CgroupId{} && (row.marks.watched >> rule & 1) != 0)
                fits = place(policy, slot, row, rule) && fits;
    return fits;
}

bool WatchList::cgroup_added(const Policy& policy, Slot slot, const Row& row) noexcept {
    bool fits = true;
    for (std::uint32_t rule = 0; rule < policy.rules.size(); ++rule)
        if (row.marks.watched >> rule & 1)
            fits = place(policy, slot, row, rule) && fits;
    return fits;
}

Watch* WatchList::find(Slot slot, std::uint32_t rule) noexcept {
    const auto found = std::ranges::find_if(all(), [&](const Watch& watch) {
        return watch.used && watch.slot == slot && watch.rule == rule;
    });
    return found == all().end() ? nullptr : &*found;
}

Permyriad main_share(const When& when, const Measured& measured) noexcept {
    return (when.pressure_full ? measured.full : measured.some).value_or(Permyriad{});
}

bool is_above(const When& when, const Measured& measured) noexcept {
    if (amounts_only(when))
        return conditions_met(when, measured) == Met::Yes;
    const When pressure{.pressure_some = when.pressure_some, .pressure_full = when.pressure_full};
    return conditions_met(pressure, measured) == Met::Yes;
}

void add_reading(Watch& watch, TimePoint now, const Pressure& pressure) noexcept {
    watch.some.add(now, pressure.some.total);
    watch.full.add(now, pressure.full.total);
}

void restart_calm(Watch& watch, TimePoint now, const Pressure& pressure) noexcept {
    const auto restart = [&](StallWindow& window, Microseconds total) {
        window.clear();
        window.add(now - window.length(), total);
        window.add(now, total);
    };
    restart(watch.some, pressure.some.total);
    restart(watch.full, pressure.full.total);
}

bool is_relieved(const Watch& watch, const When& when, const Measured& measured) noexcept {
    constexpr std::chrono::milliseconds now{100};
    if (amounts_only(when))
        return conditions_met(when, measured) == Met::No;
    const auto calm = [&](const StallWindow& window, const std::optional<PressureLimit>& limit) {
        const std::optional<Permyriad> share = window.share_of_last(now);
        return !limit || (share && share->value * 2 < limit->share.value);
    };
    return calm(watch.some, when.pressure_some) && calm(watch.full, when.pressure_full);
}

bool is_quiet(const Watch& watch, const When& when, TimePoint now) noexcept {
    const auto quiet = [&](const StallWindow& window, const std::optional<PressureLimit>& limit) {
        if (!limit)
            return true;
        const Microseconds span = quiet_span(limit->window);
        if (now - watch.armed_at < span)
            return false;
        const std::optional<Permyriad> share = window.share_of_last(span);
        return share && share->value * 2 < limit->share.value;
    };
    return quiet(watch.some, when.pressure_some) && quiet(watch.full, when.pressure_full);
}

Measured measured_by(const Watch& watch, const When& when, const Row& row,
                     const std::optional<MemInfo>& memory) noexcept {
    Measured measured{.memory = memory};
    if (when.pressure_some)
        measured.some = watch.some.share();
    if (when.pressure_full)
        measured.full = watch.full.share();
    if (asks_cgroup(when) && row.usage) {
        const Candidate whole = candidate_of(row, watch.slot, watch.rule);
        measured.current = whole.current;
        measured.growth = whole.growth;
        measured.refaults = whole.refault_rate;
    }
    return measured;
}

} // namespace reapd
