// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What a D-Bus message says, as JSON: structs and arrays are lists, dictionaries are objects, a
/// variant is what is in it, NaN is null. Types are lost, which printing does not need.

#include "ctl/service.hpp"

#include <nlohmann/json.hpp>

namespace reapd {

/// All arguments, as a list.
std::expected<nlohmann::json, Failure> read_arguments(sd_bus_message* message);

/// The first argument; null when there is none.
std::expected<nlohmann::json, Failure> read_argument(sd_bus_message* message);

} // namespace reapd
