// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/screenful.hpp"

#include "catch.hpp"

using namespace reapd;

namespace {

std::vector<Part> two_parts() {
    return {{.head = {"few"}, .items = {{{"1"}, 0}, {{"2"}, 0}}},
            {.head = {"many"},
             .items = {{{"a"}, 1}, {{"b", "b"}, 0}, {{"c"}, 3}, {{"d"}, 0}},
             .more = "; elsewhere"}};
}

std::string on(std::size_t height) {
    return screenful(two_parts(), ScreenSize{.width = 80, .height = height});
}

} // namespace

TEST_CASE("what fits is shown whole") {
    const std::string all = "few\n1\n2\nmany\na\nb\nb\nc\nd\n";
    CHECK(screenful(two_parts(), {}) == all);
    CHECK(on(10) == all);
    CHECK(screenful({}, {}).empty());
}

TEST_CASE("the longest part leaves out what is lightest, of equals the last, and says so") {
    CHECK(on(9) == "few\n1\n2\nmany\na\nc\n  and 2 more; elsewhere\n");
    CHECK(on(7) == "few\n1\n2\nmany\nc\n  and 3 more; elsewhere\n");
    CHECK(on(6) == "few\n1\nmany\nc\n  and 3 more; elsewhere\n");
}

TEST_CASE("one of each part stays on the smallest screen") {
    CHECK(on(1) == "few\n1\nmany\nc\n  and 3 more; elsewhere\n");
}
