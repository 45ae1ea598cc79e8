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
    if (reached_ >= std::min(rows, ready) && now > none_until_) {
        TimePoint oldest = now;
        for (std::size_t tried = 0; tried < reached_; ++tried) {
            turn_ = turn_ + 1 < reached_ ? turn_ + 1 : 0;
            Closeup& closeup = places_[turn_];
            if (closeup.of == no_slot || now - closeup.wanted_at > outdated)
                return closeup;
            oldest = std::min(oldest, closeup.wanted_at);
        }
        none_until_ = oldest + outdated;
    }
    return places_[reached_++] = {}; // Bytes of 0 would be descriptors.
}

void Closeups::give_up(Closeup& closeup) noexcept {
    close_files(closeup.files);
    closeup = {};
    none_until_ = {};
}

} // namespace reapd
