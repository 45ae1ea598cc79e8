// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings/rule_name.hpp"

#include "settings/complaint.hpp"
#include "settings/rule.hpp"

#include <fmt/format.h>

namespace reapd {

std::string rule_name(std::string_view file_name) {
    return std::string{file_name.substr(0, file_name.size() - rule_suffix.size())};
}

std::string rule_name_fault(std::string_view name) {
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789-_.@+";
    if (name.starts_with(managed_prefix))
        return fmt::format("found {} as the name of a rule, expected one that does not begin with "
                           "{}: so are those called that units ask for",
                           quote(name), managed_prefix);
    if (!name.empty() && name.find_first_not_of(allowed) == std::string_view::npos)
        return {};
    return fmt::format("found {} as the name of a rule, expected letters, digits and -_.@+",
                       quote(name));
}

} // namespace reapd
