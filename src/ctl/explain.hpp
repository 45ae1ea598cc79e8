// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// `reapctl explain`: who would be chosen now, and why a cgroup would be or would not.

#include "ctl/show.hpp"
#include "ctl/verbs.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace reapd {

/// Whom this rule would choose from, best victim first. `rows` is what ListCandidates() answers.
std::string show_candidates(const std::string& rule, const nlohmann::json& rows, const Look& look);

/// What Explain() answers, with what would have to change.
std::string show_explanation(const nlohmann::json& explanation, const Look& look);

std::expected<nlohmann::json, Failure> ask_candidates(const Service& service,
                                                      const std::string& rule);
std::expected<nlohmann::json, Failure> ask_explanation(const Service& service,
                                                       const std::string& cgroup);

Outcome run_explain(const Command& command);

} // namespace reapd
