// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The varlink messages (https://varlink.org) of the interface io.systemd.oom as its server sees
/// them. Text in, values and text out; whatever comes in, nothing is thrown.

#include "managed/entries.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace reapd {

/// What is no call at all: whoever sends it does not speak our protocol.
enum class Refusal : std::uint8_t {
    NoJson,  ///< not one JSON value and nothing else
    TooDeep, ///< brackets in brackets in brackets
    NoCall,  ///< no object with a method, or parameters that are none
};

std::string_view to_text(Refusal refusal) noexcept;

struct Answer {
    Entries entries{};   ///< what ReportManagedOOMCGroups said
    std::string reply{}; ///< with the NUL that ends it; empty: none is wanted
    bool operator==(const Answer&) const = default;
};

/// Takes one message, without the NUL that ends it, from a peer of `uid`.
std::expected<Answer, Refusal> answer_message(std::string_view text, std::uint32_t uid);

} // namespace reapd
