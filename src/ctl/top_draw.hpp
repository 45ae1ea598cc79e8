// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The picture of `reapctl top`. Pure: the same state on a screen of the same size gives the same
/// lines.

#include "ctl/paint.hpp"
#include "ctl/top_state.hpp"

#include <string>
#include <vector>

namespace reapd {

struct Screen {
    std::size_t width = 80;
    std::size_t height = 24;
    bool utf8 = true;
    Paint paint{false};
};

/// At most `height` lines, none wider than `width`; each as wide, so that the next picture covers
/// the last.
std::vector<std::string> draw(const TopState& state, const Screen& screen);

} // namespace reapd
