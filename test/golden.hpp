// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Text that a person has looked at and found good, kept in files below test/.

#include "catch.hpp"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace reapd {

/// A file below test/.
inline std::string test_file(const std::string& path) {
    std::stringstream text;
    text << std::ifstream{SOURCE_ROOT "/test/" + path}.rdbuf();
    return text.str();
}

/// The same; with REAPD_GOLDEN=write in the environment it is made anew from `now` first.
inline std::string golden(const std::string& path, const std::string& now) {
    const char* const order = std::getenv("REAPD_GOLDEN");
    if (order && std::string_view{order} == "write")
        std::ofstream{SOURCE_ROOT "/test/" + path} << now;
    return test_file(path);
}

/// Times of day are those of the reader's zone.
inline void live_in_utc() {
    REQUIRE(::setenv("TZ", "UTC", 1) == 0);
    ::tzset();
}

} // namespace reapd
