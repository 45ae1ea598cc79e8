// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Answers to what is asked over the bus about the choice of victims. Every string is escaped.

#include "base/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reapd {

/// Memory of a cgroup as a rule sees it.
struct Measures {
    Bytes current{};
    Bytes swap{};
    Bytes promise{};
    Bytes shared{};
    std::optional<std::int64_t> growth{}; ///< bytes a second
    Bytes gained{};
    std::optional<Permyriad> stall{};
    std::optional<std::uint64_t> scan_rate{};
    std::optional<std::uint64_t> refault_rate{};
    int preference = 0;
};

/// One line of what a rule would choose from now.
struct CandidateLine {
    std::string watched{};
    std::string cgroup{};
    std::uint32_t position = 0; ///< 1: would die first
    bool single_process = false;
    Measures measures{};
};

struct CandidateList {
    std::uint64_t sampled_usec = 0; ///< realtime
    std::vector<CandidateLine> lines{};
};

/// Why a cgroup is in a rule's ranking or is not.
enum class Standing : std::uint8_t {
    Candidate,
    Essential,
    Protected,      ///< Protect= has it or a cgroup above it
    OtherUser,      ///< User= names others
    HoldsProtected, ///< something below it must live
    Inside,         ///< it would die with a cgroup above it
    HasChildren,    ///< those are candidates, not it
    NotAmong,       ///< Among= means others
    TooSmall,
    Exempt,  ///< oom_score_adj is -1000
    Omitted, ///< its owner or its unit asked so
    NotRanked,
};

struct RuleAnswer {
    std::string rule{};
    std::string watched{};
    Standing standing = Standing::NotRanked;
    std::uint32_t position = 0; ///< 0: not in the ranking
    std::uint32_t ranked = 0;   ///< how many are
    std::string instead{};      ///< Inside: the cgroup that would die
    std::string first{};        ///< who would die first
    std::string limit{};        ///< the rule's pressure limit as text; empty: amounts alone
    Bytes minimum_size{};
    bool above = false;
    std::optional<Permyriad> share{};
    std::optional<Measures> measures{};
};

/// Why no rule at all may have it.
enum class Immunity : std::uint8_t { None, Root, Own, Essential };

struct Explanation {
    std::string cgroup{};
    std::uint64_t sampled_usec = 0;
    Immunity refusal = Immunity::None;
    std::optional<Measures> measures{};
    std::vector<RuleAnswer> rules{};
};

std::string refusal_word(Immunity refusal);   ///< "essential"; empty for none
std::string standing_word(Standing standing); ///< "too-small"

/// One sentence for a person: why, with numbers, and what would have to change.
std::string sentence(const RuleAnswer& answer, const std::string& cgroup);
std::string sentence(const Explanation& explanation);

} // namespace reapd
