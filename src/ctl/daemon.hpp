// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The whole view of the daemon: its dump and what is measured at the call.

#include "ctl/service.hpp"
#include "ctl/view.hpp"

namespace reapd {

std::expected<View, Failure> ask_daemon(const Service& service);

} // namespace reapd
