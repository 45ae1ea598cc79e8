// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// `reapctl features`: what the kernel, the hierarchy and reapd's privileges allow, and what each
/// of them is good for.

#include "ctl/show.hpp"
#include "ctl/view.hpp"

#include <string>

namespace reapd {

std::string show_features(const View& view, const Look& look);

/// A list of objects with "feature", "present" and "gives".
nlohmann::json features_json(const View& view);

/// The names of those without which reapd does its work worse, with spaces between.
std::string missing_features(const View& view);

} // namespace reapd
