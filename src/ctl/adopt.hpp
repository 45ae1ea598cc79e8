// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// `reapctl adopt` and `reapctl release`: reapd in systemd-oomd's place, and the machine handed
/// back as it was. Nothing is changed before what was found is in a file, so whatever fails on
/// the way, both can be called again.

#include "ctl/units.hpp"

#include <functional>
#include <string>

namespace reapd {

struct Handover {
    Units& units;
    std::string folder = "/var/lib/reapd";         ///< of what is remembered
    std::string sockets = "/run/systemd/oom";      ///< where users' managers look for an oomd
    std::function<void(const std::string&)> say{}; ///< one line for each thing done
};

std::expected<void, Failure> adopt(const Handover& handover);
std::expected<void, Failure> release(const Handover& handover);

} // namespace reapd
