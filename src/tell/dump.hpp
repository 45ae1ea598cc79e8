// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Everything the daemon knows, as one JSON document for Dump() and `reapctl dump`.

#include "tell/status.hpp"

#include <string>

namespace reapd {

/// Numbers are raw (bytes, microseconds, permyriad), unknown is null.
std::string dump_json(const Status& status);

} // namespace reapd
