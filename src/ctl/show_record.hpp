// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Records of the journal as text for people. Pure.

#include "ctl/show.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace reapd {

/// One line for each.
std::string show_records(const std::vector<nlohmann::json>& records, const Look& look);

/// One line for what has just come.
std::string record_line(const nlohmann::json& record, const Look& look);

/// All that is known of one: what was measured, what became of it, who else could have died.
std::string show_record(const nlohmann::json& record, const Look& look);

} // namespace reapd
