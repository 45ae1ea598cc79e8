// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What a person at the screen reads about a kill or a freeze.

#include "base/units.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace reapd {

/// What the signals Acted and Completed of org.reapd1 said about one action.
struct Kill {
    std::string cgroup{};    ///< path as bytes
    std::string rule{};      ///< escaped
    std::string requester{}; ///< who ordered it by hand, escaped; empty: a rule did
    std::string reason{};    ///< and why, escaped
    bool asked = false;      ///< by SIGTERM; SIGKILL may come later
    Permyriad pressure{};
    bool has_pressure = false;       ///< the rule looked at pressure at all
    Bytes expected{};                ///< what should come back
    std::optional<Bytes> released{}; ///< what came back; nothing until that is known
};

/// What they said about one freeze by a rule.
struct Freeze {
    std::string cgroup{}; ///< path as bytes
    std::string rule{};   ///< escaped
    Permyriad pressure{};
    bool has_pressure = false;
    Microseconds longest{};           ///< that it stands still
    bool killed_then = false;         ///< else it goes on then
    std::optional<Bytes> paged_out{}; ///< nothing until that is known
};

struct Bulletin {
    std::string title{}; ///< plain text
    std::string body{};  ///< may be read as markup: the characters of markup are escaped
    bool asks = false;   ///< whether to let it go on or to close it
    bool operator==(const Bulletin&) const = default;
};

/// `name` is the application's, as bytes.
Bulletin bulletin_of(const Kill& kill, const std::string& name);
Bulletin bulletin_of(const Freeze& freeze, const std::string& name);

} // namespace reapd
