// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the daemon answered as text for people. Pure: the same answer gives the same text.

#include "ctl/columns.hpp"
#include "ctl/paint.hpp"
#include "ctl/screenful.hpp"
#include "ctl/view.hpp"

#include <optional>
#include <string>

namespace reapd {

struct Look {
    Paint paint{false};
    bool legend = true;
    bool utf8 = true;
    std::optional<ScreenSize> screen{}; ///< of a terminal; a file takes everything
};

/// One screen: state, pressure, rules, watched cgroups, what is wrong, the last actions.
std::string show_status(const View& view, const Look& look);

std::string show_rules(const View& view, const Look& look);
std::string show_watched(const View& view, const Look& look);

/// When a rule acts, in one line.
std::string conditions_of(const nlohmann::json& rule);

/// A row for each watched cgroup, in the order of the answer; with the reasons why one has no
/// trigger, which are long.
Columns watched_columns(const View& view, bool reasons);

} // namespace reapd
