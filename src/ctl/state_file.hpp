// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// A small file that is either the old one or the new one, whatever happens in between.

#include "base/result.hpp"

#include <optional>
#include <string>

namespace reapd {

/// @return its text; nothing when there is no such file
Result<std::optional<std::string>> read_state(const std::string& path);

/// Makes `folder`, too.
Result<> write_state(const std::string& folder, const std::string& path, const std::string& text);

} // namespace reapd
