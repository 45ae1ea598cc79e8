// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the daemon answered as text for people. Pure: the same answer gives the same text.

#include "ctl/paint.hpp"
#include "ctl/view.hpp"

#include <string>

namespace reapd {

struct Look {
    Paint paint{false};
    bool legend = true;
};

/// One screen: state, pressure, rules, watched cgroups, what is wrong, the last actions.
std::string show_status(const View& view, const Look& look);

std::string show_rules(const View& view, const Look& look);
std::string show_watched(const View& view, const Look& look);

} // namespace reapd
