// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// What the daemon answered, and reading it without trust: a missing or strange member shows as
/// nothing, never as a crash.

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace reapd {

struct View {
    nlohmann::json dump{};            ///< of Dump(), each watched cgroup with its "share"
    std::array<double, 6> pressure{}; ///< some and full: avg10, avg60, avg300 in percent
};

/// A string, made printable; empty when it is none.
std::string printable(const nlohmann::json& value);

/// A string member, made printable; empty when there is none.
std::string text_of(const nlohmann::json& object, const char* key);

/// A whole number; nothing when it is null, missing or no number.
std::optional<std::uint64_t> number_of(const nlohmann::json& object, const char* key);

bool flag_of(const nlohmann::json& object, const char* key);

/// The member, or null.
const nlohmann::json& member_of(const nlohmann::json& object, const char* key);

/// All strings of a list member, with `separator` between them.
std::string joined(const nlohmann::json& object, const char* key, const char* separator);

} // namespace reapd
