// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the probes found, as far as rules can ask for it.

#include "sense/features.hpp"
#include "settings/combinations.hpp"

namespace reapd {

inline KernelOffers kernel_offers(const Features& features) {
    return {.bounded_release = features.mrelease_bounded,
            .madvise = features.process_madvise,
            .reclaim = features.memory_reclaim,
            .swappiness = features.reclaim_swappiness,
            .swap = features.swap};
}

} // namespace reapd
