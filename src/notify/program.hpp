// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What a person calls the thing that ran in a cgroup.
///
/// Desktops name the unit of an application app-LAUNCHER-ID-RANDOM.scope,
/// app-LAUNCHER-ID@RANDOM.service or the same without a launcher, with every other "-" escaped.
/// Source: https://systemd.io/DESKTOP_ENVIRONMENTS/

#include <string>
#include <string_view>

namespace reapd {

struct Program {
    std::string id{};   ///< of its desktop file, without ".desktop"; empty when it has none
    std::string name{}; ///< good enough when there is no such file
    bool operator==(const Program&) const = default;
};

/// `path` is the cgroup's, as bytes. The nearest unit on it that is an application counts: a tab
/// of a terminal is the terminal's.
Program program_of(std::string_view path);

} // namespace reapd
