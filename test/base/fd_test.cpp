// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/fd.hpp"

#include "catch.hpp"

#include <fcntl.h>

using namespace reapd;

namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

} // namespace

TEST_CASE("an assigned Fd closes what it held") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    Fd held{ends[0]};

    held = Fd{ends[1]};

    CHECK_FALSE(is_open(ends[0]));
    CHECK(held.get() == ends[1]);
    CHECK(is_open(ends[1]));
}
