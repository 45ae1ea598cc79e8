// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Numbers of JSON documents as tables show them; "-" where there is none.

#include <nlohmann/json.hpp>

#include <string>

namespace reapd {

/// Bytes: "3.9G".
std::string size_cell(const nlohmann::json& object, const char* key);

/// Bytes that may be negative, with a sign: "+812M".
std::string change_cell(const nlohmann::json& object, const char* key);

/// Microseconds in one unit: "417.9ms", "4.2s", "1min 30s".
std::string span_cell(const nlohmann::json& object, const char* key);

/// Hundredths of a percent: "38.20%".
std::string permyriad_cell(const nlohmann::json& object, const char* key);

/// A part of one, as the bus has it: "38.20%".
std::string share_cell(const nlohmann::json& object, const char* key);

/// A whole number.
std::string count_cell(const nlohmann::json& object, const char* key);

/// A text; "-" when it is empty.
std::string text_cell(const nlohmann::json& object, const char* key);

} // namespace reapd
