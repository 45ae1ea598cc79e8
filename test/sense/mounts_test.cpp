// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "sense/features.hpp"

#include <string>

using namespace reapd;

namespace {

const std::string proc = "proc /proc proc rw,relatime 0 0\n";
const std::string v1 = "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n";

std::string v2(const std::string& place) { return "cgroup2 " + place + " cgroup2 rw 0 0\n"; }

} // namespace

TEST_CASE("the unified hierarchy is found where systemd mounts it") {
    CHECK(find_unified(proc + v2("/sys/fs/cgroup")) == "/sys/fs/cgroup");
    CHECK(find_unified(v1 + v2("/sys/fs/cgroup/unified")) == "/sys/fs/cgroup/unified");
    CHECK(find_unified(v2("/run/container/cgroup") + v2("/sys/fs/cgroup")) == "/sys/fs/cgroup");
}

TEST_CASE("another place will do when there is no other") {
    CHECK(find_unified(v2("/mnt") + v2("/srv")) == "/mnt");
    CHECK(find_unified(v2("/mnt/with\\040blank\\134")) == "/mnt/with blank\\");
    CHECK(find_unified(v2("/mnt/\\9\\04")) == "/mnt/\\9\\04");
}

TEST_CASE("without a unified hierarchy there is none") {
    CHECK(find_unified("").empty());
    CHECK(find_unified(proc + v1).empty());
    CHECK(find_unified("cgroup2 /sys/fs/cgroup tmpfs rw 0 0\n").empty());
    CHECK(find_unified("cgroup2 /sys/fs/cgroup cgroup2").empty());
    CHECK(find_unified("cgroup2\n\n \n").empty());
}
