// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Amounts that the machine does not have: a limit that is never, or always, exceeded.

#include "base/units.hpp"
#include "settings/ini.hpp"

namespace reapd {

/// What a machine has.
struct Amounts {
    Bytes memory{};
    Bytes swap{};
};

/// Notes each condition and size in `ini` that no amount up to `whole` can change.
void note_out_of_reach(const Ini& ini, const Amounts& whole, std::vector<Diagnostic>& diagnostics);

} // namespace reapd
