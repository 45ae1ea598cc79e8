// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/closeup.hpp"

#include <unistd.h>

#include <algorithm>

namespace reapd {
namespace {

/// Then both marks of its past are too old, and so is everything else.
constexpr std::chrono::seconds outdated = 2 * Past::turn;

} // namespace

void close_files(HeldFiles& files) noexcept {
    for (const int file :
         {files.current, files.swap, files.stat, files.pressure, files.events, files.own_events})
        if (file >= 0)
            ::close(file);
    files = {};
}

Closeup& Closeups::place(std::size_t rows, TimePoint now) noexcept {
    if (reached_ >= std::min(rows, ready))
        for (std::size_t tried = 0; tried < reached_; ++tried) {
            turn_ = turn_ + 1 < reached_ ? turn_ + 1 : 0;
            Closeup& closeup = places_[turn_];
            if (closeup.of == no_slot || now - closeup.wanted_at > outdated)
                return closeup;
        }
    return places_[reached_++] = {}; // Bytes of 0 would be descriptors.
}

} // namespace reapd
