// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What a verb prints.

#include "ctl/options.hpp"
#include "ctl/show.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace reapd {

/// How text looks, for standard output as it is and with these options.
Look look_of(const Options& options);

/// The document on one line, or with line breaks; ends with a newline.
std::string json_text(const nlohmann::json& document, Json mode);

/// Prints at once, without a pager. @return the exit status
int print(std::string_view text);

/// Prints through a pager where a person reads, unless they do not want one.
/// @return the exit status
int print_long(std::string_view text, const Options& options);

} // namespace reapd
