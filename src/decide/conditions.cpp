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

bool amount_holds(const AmountLimit& limit, Bytes amount, Bytes whole) noexcept {
    const Bytes bound = limit.share ? part_of(whole, *limit.share) : limit.bytes;
    return limit.side == AmountLimit::Side::Below ? amount < bound : amount > bound;
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

} // namespace reapd
