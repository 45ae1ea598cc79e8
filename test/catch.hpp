// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Catch2 version 2 and version 3 under one name.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <string>

namespace reapd::test {

/// Holds for a text with `part` in it. Version 2 names the matcher Contains; version 3 gives that
/// name to one for elements.
inline auto contains_text(const std::string& part) {
#if __has_include(<catch2/catch_all.hpp>)
    return Catch::Matchers::ContainsSubstring(part);
#else
    return Catch::Matchers::Contains(part);
#endif
}

} // namespace reapd::test
