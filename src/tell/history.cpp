// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/history.hpp"

#include <algorithm>
#include <utility>

namespace reapd {

void remember(History& history, HistoryEntry entry, std::size_t size) {
    const auto led_to_nothing = [](const HistoryEntry& of) { return of.kind != "acted"; };
    history.push_back(std::move(entry));
    for (auto idle = std::ranges::count_if(history, led_to_nothing);
         std::cmp_greater(idle, size / 4); --idle)
        history.erase(std::ranges::find_if(history, led_to_nothing));
    while (history.size() > size)
        history.pop_front();
}

} // namespace reapd
