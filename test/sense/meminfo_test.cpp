// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/meminfo.hpp"

#include "catch.hpp"

#include <string>

using namespace reapd;

namespace {

// The lines that matter and their neighbours, from a guest with 1 GB and Linux 6.1.
const std::string captured = "MemTotal:         995336 kB\n"
                             "MemFree:          894504 kB\n"
                             "MemAvailable:     847192 kB\n"
                             "Buffers:            4724 kB\n"
                             "SwapCached:            0 kB\n"
                             "Active(anon):        172 kB\n"
                             "SwapTotal:         65532 kB\n"
                             "SwapFree:          65532 kB\n"
                             "HugePages_Total:       0\n"
                             "DirectMap1G:           0 kB\n";

std::string with(const std::string& from, const std::string& to) {
    std::string text = captured;
    return text.replace(text.find(from), from.size(), to);
}

} // namespace

TEST_CASE("four numbers of meminfo are read, all else is skipped") {
    const auto memory = parse_meminfo(captured);
    REQUIRE(memory);
    CHECK(*memory == MemInfo{.total = kib(995336),
                             .available = kib(847192),
                             .swap_total = kib(65532),
                             .swap_free = kib(65532)});
}

TEST_CASE("the order of lines does not matter") {
    const auto memory = parse_meminfo("SwapFree: 1 kB\nMemAvailable: 2 kB\nNew: x\n"
                                      "SwapTotal: 3 kB\nMemTotal: 4 kB\n");
    REQUIRE(memory);
    CHECK(*memory == MemInfo{kib(4), kib(2), kib(3), kib(1)});
}

TEST_CASE("an incomplete or spoiled meminfo is refused as a whole") {
    const std::string text = GENERATE(values<std::string>({
        "",
        "\n",
        with("MemAvailable:     847192 kB\n", ""), // before 3.14
        with("MemAvailable:", "MemAvailable :"),
        with("847192 kB", "847192"),
        with("847192 kB", "847192 MB"),
        with("847192 kB", "847192 kB "),
        with("847192 kB", "-847192 kB"),
        with("847192 kB", "0x847192 kB"),
        with("847192 kB", "kB"),
        with("847192 kB", "4503599627370497 kB"), // 2^52 + 1
        with("847192 kB", "18446744073709551616 kB"),
        captured + "SwapFree: 65532 kB\n",
        captured + "and a last line that was cut",
    }));
    CAPTURE(text);
    const auto memory = parse_meminfo(text);
    REQUIRE_FALSE(memory);
    CHECK(memory.error().code == EBADMSG);
}

TEST_CASE("no truncation of meminfo gives other numbers") {
    const auto whole = parse_meminfo(captured);
    REQUIRE(whole);
    for (std::size_t length = 0; length < captured.size(); ++length) {
        const auto cut = parse_meminfo(captured.substr(0, length));
        CHECK((!cut || *cut == *whole));
    }
}
