// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// `reapctl monitor`: what the daemon says on the bus, as it says it.

#include "ctl/options.hpp"
#include "ctl/service.hpp"
#include "ctl/show.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace reapd {

/// One signal for people: the time, its name and a sentence. Empty for what nobody reads.
/// `signal` has "time_usec", "path", "interface", "member" and "arguments".
std::string signal_line(const nlohmann::json& signal, const Look& look);

/// Prints signals until the bus goes away.
std::expected<int, Failure> monitor(const Options& options);

} // namespace reapd
