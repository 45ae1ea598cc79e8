// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/oom1_dump.hpp"

#include "catch.hpp"

using namespace reapd;
using namespace std::chrono_literals;

TEST_CASE("the dump has the layout of systemd-oomd 257") {
    // Rows as oomctl printed them in a guest, put together from two runs.
    Oom1Dump dump{.swap_used_limit = {3333},
                  .default_limit = {10000},
                  .default_duration = 90s,
                  .memory_used = kib(173261),
                  .memory_total = kib(989799),
                  .swap_used = kib(42701),
                  .swap_total = kib(524284)};
    dump.swap_monitored = {{.path = "/mon.slice/a2.service"},
                           {.path = "/system.slice/system-we\\x5cx2dird.slice/we\\x2dird.service"},
                           {.path = "/"},
                           {.path = "/high.slice", .swap_usage = kib(252)}};
    dump.pressure_monitored = {
        {.path = "/mon.slice",
         .limit = {500},
         .duration = 1500ms,
         .current = {688128},
         .min = unlimited,
         .low = mib(20)},
        {.path = "/high.slice",
         .limit = {10000},
         .duration = 90s,
         .pressure = {.avg10 = {109}, .avg60 = {32}, .avg300 = {7}, .total = 243945us},
         .current = {20803584},
         .pgscan = 25601,
         .last_pgscan = 25600},
        {.path = "/",
         .limit = {6000},
         .duration = 20s,
         .pressure = {.total = 103us},
         .current = {154977894}},
    };
    CHECK(oom1_text(dump) == "Dry Run: no\n"
                             "Swap Used Limit: 33.33%\n"
                             "Default Memory Pressure Limit: 100.00%\n"
                             "Default Memory Pressure Duration: 1min 30s\n"
                             "System Context:\n"
                             "\tMemory: Used: 169.2M, Total: 966.6M\n"
                             "\tSwap: Used: 41.7M, Total: 511.9M\n"
                             "Swap Monitored CGroups:\n"
                             "\tPath: /\n"
                             "\t\tSwap Usage: (see System Context)\n"
                             "\tPath: /high.slice\n"
                             "\t\tSwap Usage: 252K\n"
                             "\tPath: /mon.slice/a2.service\n"
                             "\t\tSwap Usage: 0B\n"
                             "\tPath: /system.slice/system-we\\x5cx2dird.slice/we\\x2dird.service\n"
                             "\t\tSwap Usage: 0B\n"
                             "Memory Pressure Monitored CGroups:\n"
                             "\tPath: /\n"
                             "\t\tMemory Pressure Limit: 60.00%\n"
                             "\t\tMemory Pressure Duration: 20s\n"
                             "\t\tPressure: Avg10: 0.00, Avg60: 0.00, Avg300: 0.00, Total: 103us\n"
                             "\t\tCurrent Memory Usage: 147.7M\n"
                             "\tPath: /high.slice\n"
                             "\t\tMemory Pressure Limit: 100.00%\n"
                             "\t\tMemory Pressure Duration: 1min 30s\n"
                             "\t\tPressure: Avg10: 1.09, Avg60: 0.32, Avg300: 0.07, Total: 243ms\n"
                             "\t\tCurrent Memory Usage: 19.8M\n"
                             "\t\tMemory Min: 0B\n"
                             "\t\tMemory Low: 0B\n"
                             "\t\tPgscan: 25601\n"
                             "\t\tLast Pgscan: 25600\n"
                             "\tPath: /mon.slice\n"
                             "\t\tMemory Pressure Limit: 5.00%\n"
                             "\t\tMemory Pressure Duration: 1s\n"
                             "\t\tPressure: Avg10: 0.00, Avg60: 0.00, Avg300: 0.00, Total: 0\n"
                             "\t\tCurrent Memory Usage: 672K\n"
                             "\t\tMemory Min: infinity\n"
                             "\t\tMemory Low: 20M\n"
                             "\t\tPgscan: 0\n"
                             "\t\tLast Pgscan: 0\n");
}

TEST_CASE("with nothing monitored the headings stay") {
    CHECK(oom1_text({.dry_run = true, .default_duration = 30s}) ==
          "Dry Run: yes\n"
          "Swap Used Limit: 0.00%\n"
          "Default Memory Pressure Limit: 0.00%\n"
          "Default Memory Pressure Duration: 30s\n"
          "System Context:\n"
          "\tMemory: Used: 0B, Total: 0B\n"
          "\tSwap: Used: 0B, Total: 0B\n"
          "Swap Monitored CGroups:\n"
          "Memory Pressure Monitored CGroups:\n");
}

TEST_CASE("a cgroup comes before those below it, and they before its neighbour") {
    Oom1Dump dump;
    for (const char* path : {"/a-b.slice", "/b", "/a/x", "/", "/a", "/a/x/y"})
        dump.swap_monitored.push_back({.path = path});
    const std::string text = oom1_text(dump);
    std::size_t before = 0;
    for (const char* path : {"/", "/a", "/a/x", "/a/x/y", "/a-b.slice", "/b"}) {
        CAPTURE(path);
        const std::size_t at = text.find("Path: " + std::string{path} + "\n");
        CHECK(at != std::string::npos);
        CHECK(at > before);
        before = at;
    }
}

TEST_CASE("names of units keep their backslashes, and nothing takes over a terminal") {
    CHECK(oom1_path("/app.slice/app-org.x\\x2dy@1.service") ==
          "/app.slice/app-org.x\\x2dy@1.service");
    CHECK(oom1_path("/a\\\\b") == "/a\\\\b");
    CHECK(oom1_path("/\xff\n\x1b[31m") == "/\\xff\\x0a\\x1b[31m");
    CHECK(oom1_path("/caf\xc3\xa9") == "/caf\xc3\xa9");
}
