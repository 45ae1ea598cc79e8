// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/columns.hpp"

#include "catch.hpp"

using namespace reapd;

TEST_CASE("columns line up by characters, not by bytes") {
    Columns columns{{"NAME", "SIZE"}};
    columns.add({"größe", "1"});
    columns.add({"x", "22"});
    CHECK(columns.text(Paint{false}, true) == "NAME   SIZE\n"
                                              "größe  1\n"
                                              "x      22\n");
}

TEST_CASE("without a legend only the rows are printed, and count for the width") {
    Columns columns{{"A LONG HEADING", "B"}};
    columns.add({"x", "y"});
    CHECK(columns.text(Paint{false}, false, "  ") == "  x  y\n");
    CHECK(Columns{{"A"}}.text(Paint{false}, false).empty());
}

TEST_CASE("a listing ends with how much there is, unless nobody wants a legend") {
    Columns columns{{"A"}};
    columns.add({"x"});
    CHECK(columns.listing(Paint{false}, true, "rule") == "A\nx\n\n1 rule listed.\n");
    CHECK(columns.listing(Paint{false}, false, "rule") == "x\n");
    columns.add({"y"});
    CHECK(columns.listing(Paint{false}, true, "rule").ends_with("\n2 rules listed.\n"));
}
