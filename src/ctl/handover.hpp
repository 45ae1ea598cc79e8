// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What it takes to put reapd in systemd-oomd's place and to hand the machine back. Pure: from
/// states that were found and remembered to a list of steps. A step names what shall be, so that
/// going through the same list again changes nothing.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reapd {

/// Theirs and ours, each in the order in which the two may be stopped and started: a socket whose
/// service runs cannot be started, and one that listens starts the service again.
inline constexpr std::array their_units{"systemd-oomd.socket", "systemd-oomd.service"};
inline constexpr std::array our_units{"reapd-oom.socket", "reapd.service"};

struct FoundUnit {
    std::string name{};
    std::string file{};   ///< UnitFileState, as "enabled" or "masked"; empty: there is no such unit
    std::string active{}; ///< ActiveState, as "active" or "inactive"

    bool installed() const noexcept { return !file.empty(); }
    bool operator==(const FoundUnit&) const = default;
};

struct Step {
    enum class Make { Stopped, Masked, Unmasked, Enabled, Disabled, Started };
    Make make = Make::Stopped;
    std::string unit{};
    bool operator==(const Step&) const = default;
};

/// "stopped", "masked", ...
std::string_view word_for(Step::Make make) noexcept;

/// Takes over: their units, as far as there are any, are stopped and masked (every unit with
/// ManagedOOM*=kill wants them started), ours are enabled and started.
std::vector<Step> steps_to_adopt(const std::vector<FoundUnit>& theirs,
                                 const std::vector<FoundUnit>& ours);

/// Hands back: ours are stopped and disabled first, for both listen on the same path; then what
/// was `remembered` of theirs is made so again. What was masked before is left masked.
std::vector<Step> steps_to_release(const std::vector<FoundUnit>& remembered,
                                   const std::vector<FoundUnit>& ours);

/// The states as JSON text, and back; nothing for text that is not such.
std::string remembered_text(const std::vector<FoundUnit>& states);
std::optional<std::vector<FoundUnit>> parse_remembered(const std::string& text);

} // namespace reapd
