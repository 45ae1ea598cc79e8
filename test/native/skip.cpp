// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "native/world.hpp"

#include <iostream>

namespace reapd::test {

void skip(std::string_view reason) {
    std::cout << "SKIP: " << Catch::getResultCapture().getCurrentTestName() << ": " << reason
              << '\n'
              << std::flush; // Before the next test may end the program.
    SUCCEED(reason);
}

bool cgroups_offered() {
    if (hierarchy().empty())
        skip("no cgroup2 hierarchy in which we may make cgroups");
    return !hierarchy().empty();
}

} // namespace reapd::test
