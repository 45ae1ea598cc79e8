// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What `reapctl top` shows, and how the newest answer changes it. Pure.

#include "ctl/view.hpp"
#include "sense/meminfo.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace reapd {

/// Shares of one, oldest first; as many as a wide screen shows.
using Past = std::deque<double>;
constexpr std::size_t past_kept = 120;

struct TopWatch {
    std::string rule{};
    std::string cgroup{};
    Past past{}; ///< empty while unknown; the last is now
};

struct TopState {
    std::uint64_t time_usec = 0;
    std::string failure{}; ///< why the daemon's part is old; empty: it is not
    std::string version{};
    std::string state{};
    bool dry_run = false;
    std::uint64_t kills = 0;
    Bytes released{};
    std::optional<MemInfo> memory{};
    Past some{};
    Past full{};
    std::vector<TopWatch> watched{};
    std::string rule{};                                  ///< whose candidates are shown
    nlohmann::json candidates = nlohmann::json::array(); ///< as ListCandidates() answers
    std::string candidates_failure{};                    ///< why there are none
    nlohmann::json history = nlohmann::json::array();    ///< as in the dump, newest last
};

/// Takes in what the daemon answered. Cgroups that are watched still keep their past.
void take_view(TopState& state, const View& view);

/// The rule whose watched cgroup is under most pressure now, of equals the first; empty when
/// nothing is watched.
std::string most_pressed_rule(const TopState& state);

/// All of it but the past, with exact numbers.
nlohmann::json top_json(const TopState& state);

} // namespace reapd
