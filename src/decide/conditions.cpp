// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/conditions.hpp"

#include <algorithm>
#include <array>

namespace reapd {
namespace {

using Answer = std::optional<Met>; // nothing: not asked

constexpr Met met_if(bool holds) noexcept { return holds ? Met::Yes : Met::No; }

Answer pressure_met(const std::optional<PressureLimit>& limit,
                    const std::optional<Permyriad>& share) noexcept {
    if (!limit)
        return std::nullopt;
    return share ? met_if(*share >= limit->share) : Met::Unknown;
}

Bytes bound_of(const AmountLimit& limit, Bytes whole) noexcept {
    return limit.share ? part_of(whole, *limit.share) : limit.bytes;
}

bool amount_holds(const AmountLimit& limit, Bytes amount, Bytes whole) noexcept {
    const Bytes bound = bound_of(limit, whole);
    return limit.side == AmountLimit::Side::Below ? amount < bound : amount > bound;
}

bool is_near(const std::optional<AmountLimit>& limit, Bytes amount, Bytes whole) noexcept {
    if (!limit)
        return true;
    const Bytes bound = bound_of(*limit, whole);
    return limit->side == AmountLimit::Side::Below ? amount.value / 2 < bound.value
                                                   : amount.value > bound.value / 2;
}

Answer available_met(const std::optional<AmountLimit>& limit,
                     const std::optional<MemInfo>& memory) noexcept {
    if (!limit)
        return std::nullopt;
    return memory ? met_if(amount_holds(*limit, memory->available, memory->total)) : Met::Unknown;
}

Answer swap_met(const std::optional<AmountLimit>& limit,
                const std::optional<MemInfo>& memory) noexcept {
    if (!limit)
        return std::nullopt;
    if (!memory)
        return Met::Unknown;
    // No share of no swap is below any limit, but there is nothing left to swap to either.
    if (memory->swap_total == Bytes{})
        return met_if(limit->side == AmountLimit::Side::Below);
    return met_if(amount_holds(*limit, memory->swap_free, memory->swap_total));
}

Answer used_met(const std::optional<AmountLimit>& limit,
                const std::optional<MemInfo>& memory) noexcept {
    if (!limit)
        return std::nullopt;
    if (!memory)
        return Met::Unknown;
    if (memory->swap_total == Bytes{})
        return Met::No;
    return met_if(amount_holds(*limit, memory->swap_total - memory->swap_free, memory->swap_total));
}

Answer current_met(const std::optional<AmountLimit>& limit, const Measured& measured) noexcept {
    if (!limit)
        return std::nullopt;
    if (!measured.current || (limit->share && !measured.memory))
        return Met::Unknown;
    const Bytes whole = measured.memory ? measured.memory->total : Bytes{};
    return met_if(amount_holds(*limit, *measured.current, whole));
}

Answer growth_met(const std::optional<Bytes>& limit,
                  const std::optional<std::int64_t>& growth) noexcept {
    if (!limit)
        return std::nullopt;
    if (!growth)
        return Met::Unknown;
    return met_if(*growth > 0 && static_cast<std::uint64_t>(*growth) > limit->value);
}

Answer refaults_met(const std::optional<std::uint64_t>& limit,
                    const std::optional<std::uint64_t>& refaults) noexcept {
    if (!limit)
        return std::nullopt;
    return refaults ? met_if(*refaults > *limit) : Met::Unknown;
}

} // namespace

Met conditions_met(const When& when, const Measured& measured) noexcept {
    const std::array answers{
        pressure_met(when.pressure_some, measured.some),
        pressure_met(when.pressure_full, measured.full),
        available_met(when.memory_available, measured.memory),
        swap_met(when.swap_free, measured.memory),
        used_met(when.swap_used, measured.memory),
        current_met(when.memory_current, measured),
        growth_met(when.memory_growth, measured.growth),
        refaults_met(when.refaults, measured.refaults),
    };
    const auto any = [&](Met met) { return std::ranges::find(answers, met) != answers.end(); };
    if (any(Met::No))
        return Met::No;
    if (any(Met::Unknown))
        return Met::Unknown;
    // A rule that asks for nothing is a mistake, not a standing order.
    return met_if(any(Met::Yes));
}

bool amounts_are_near(const When& when, const MemInfo& memory) noexcept {
    if (!is_near(when.memory_available, memory.available, memory.total))
        return false;
    if (memory.swap_total == Bytes{}) // Then the limit holds or it does not.
        return !when.swap_used && swap_met(when.swap_free, memory).value_or(Met::Yes) == Met::Yes;
    return is_near(when.swap_free, memory.swap_free, memory.swap_total) &&
           is_near(when.swap_used, memory.swap_total - memory.swap_free, memory.swap_total);
}

} // namespace reapd
