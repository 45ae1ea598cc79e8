// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Values of rules as the text a person writes, for messages, the bus and the dump.

#include "settings/rule.hpp"

#include <string>

namespace reapd {

std::string to_text(const PressureLimit& limit); ///< "40% 2s"
std::string to_text(const AmountLimit& limit);   ///< "<10%"
std::string to_text(Among among);                ///< "leaves"
std::string to_text(Order order);
std::string to_text(Action action);
std::string to_text(Advice advice);
std::string to_text(FreezeThen then);
std::string to_text(Release release);
std::string size_text(Bytes size);        ///< "1.5G", base 1024
std::string span_text(Microseconds span); ///< "1min 30s", as systemd writes it
std::string share_text(Permyriad share);  ///< "12.34%"

} // namespace reapd
