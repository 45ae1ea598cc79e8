// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// How files of rules are called. Rules have names on the bus and in the journal, so theirs are as
/// plain as those of units.

#include <string>
#include <string_view>

namespace reapd {

constexpr std::string_view rule_suffix = ".rule";

/// "10-machine" of "10-machine.rule".
std::string rule_name(std::string_view file_name);

/// What is wrong with `name` as the name of a rule; empty if nothing.
std::string rule_name_fault(std::string_view name);

} // namespace reapd
