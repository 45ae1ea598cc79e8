// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/ledger.hpp"

namespace reapd {
namespace {

void put(ManagedUnit& unit, const ManagedEntry& entry) {
    switch (entry.property) {
    case ManagedProperty::Swap:
        unit.swap = entry.kill;
        break;
    case ManagedProperty::Pressure:
        unit.pressure = entry.kill;
        unit.limit = entry.limit;
        unit.duration = entry.duration;
        break;
    case ManagedProperty::Rules:
        unit.rules = entry.rules;
        break;
    }
}

} // namespace

std::size_t Ledger::count(std::uint32_t uid) const noexcept {
    std::size_t sum = 0;
    for (const auto& [id, connection] : connections_)
        if (connection.uid == uid)
            sum += connection.units.size();
    return sum;
}

std::size_t Ledger::apply(ConnectionId id, std::uint32_t uid,
                          std::span<const ManagedEntry> entries) {
    Connection& connection = connections_[id];
    connection.uid = uid;
    std::size_t used = count(uid);
    std::size_t left_out = 0;
    for (const ManagedEntry& entry : entries) {
        auto found = connection.units.find(entry.path);
        if (found == connection.units.end()) {
            if (!entry.kill)
                continue;
            if (uid != 0 && used >= most_per_user_) {
                ++left_out;
                continue;
            }
            found = connection.units.emplace(entry.path, ManagedUnit{}).first;
            ++used;
        }
        put(found->second, entry);
        if (!found->second.asks()) {
            connection.units.erase(found);
            --used;
        }
    }
    return left_out;
}

std::vector<Claim> Ledger::claims() const {
    std::vector<Claim> all;
    for (const auto& [id, connection] : connections_)
        for (const auto& [path, unit] : connection.units)
            all.push_back({.uid = connection.uid, .path = path, .unit = unit});
    return all;
}

} // namespace reapd
