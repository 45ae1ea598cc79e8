// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/zram.hpp"

#include "catch.hpp"

#include <string>

using namespace reapd;

namespace {

// A guest with Linux 6.1.
const std::string swaps =
    "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
    "/dev/vdb                                partition\t524284\t\t1024\t\t-2\n"
    "/dev/zram0                              partition\t262140\t\t62140\t\t100\n"
    "/dev/zram11                             partition\t1000\t\t0\t\t100\n";

} // namespace

TEST_CASE("only zram is found among the swaps") {
    const ZramSwap found = parse_zram_swaps(swaps).value();
    CHECK(found.free == kib(201000));
    REQUIRE(found.devices == 2);
    CHECK(found.numbers[0] == 0);
    CHECK(found.numbers[1] == 11);
    CHECK(parse_zram_swaps("Filename\tType\n").value().devices == 0);
    CHECK(parse_zram_swaps("").value().free == Bytes{});
}

TEST_CASE("a spoiled line of a zram device is refused") {
    for (const char* const text :
         {"/dev/zram0 partition 1", "/dev/zramx partition 1 1 1\n", "/dev/zram0 file 1 1 1\n",
          "/dev/zram0 partition x 1 1\n", "/dev/zram0\n", "/dev/zram0 \n",
          "/dev/zram0 partition 99999999999999999 1 1\n"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_zram_swaps(text));
    }
}

TEST_CASE("more zram devices than fit are left to ordinary swap") {
    std::string text;
    for (int i = 0; i < 20; ++i)
        text += "/dev/zram" + std::to_string(i) + " partition 10 0 1\n";
    CHECK(parse_zram_swaps(text)->devices == most_zram);
    CHECK(parse_zram_swaps(text)->free == kib(160));
}

TEST_CASE("mm_stat tells what the data takes") {
    CHECK(parse_zram_use("  63631360 12345678 20000000        0 20000000  1 0 0 0\n").value() ==
          ZramUse{.data = {63631360}, .memory = {20000000}});
    for (const char* const text : {"", "1", "1 2", "a b c\n", "  \n"})
        CHECK_FALSE(parse_zram_use(text));
}

TEST_CASE("free zram counts as far as memory is left to hold it") {
    const ZramUse thrice{.data = mib(300), .memory = mib(100)};
    CHECK(usable_zram(mib(200), mib(1000), thrice) == mib(200));
    CHECK(usable_zram(mib(200), mib(20), thrice) == mib(60));
    CHECK(usable_zram(mib(200), Bytes{}, thrice) == Bytes{});
    SECTION("twice while next to nothing is in it") {
        CHECK(usable_zram(mib(200), mib(20), {.data = mib(1), .memory = mib(1)}) == mib(40));
        CHECK(usable_zram(mib(200), mib(20), {.data = mib(100)}) == mib(40));
    }
    SECTION("of a terabyte too") {
        CHECK(usable_zram({1ULL << 42}, {1ULL << 41},
                          {.data = {1ULL << 42}, .memory = {1ULL << 41}}) == Bytes{1ULL << 42});
    }
}
