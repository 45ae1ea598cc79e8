// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/features.hpp"

#include "catch.hpp"
#include "fake_files.hpp"

#include <algorithm>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

Features all_well() {
    return {.unified = true,
            .memory_controller = true,
            .psi = true,
            .cgroup_psi = true,
            .privileged_triggers = true,
            .smallest_window = 500ms,
            .meminfo = true,
            .cgroup_kill = true,
            .mrelease = true,
            .process_madvise = true,
            .memory_reclaim = true,
            .swap = true,
            .zram = false,
            .can_signal = true,
            .can_override = true,
            .can_nice = true,
            .can_tell_users = true,
            .can_lock = true};
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

bool some_mentions(const std::vector<std::string>& list, const std::string& text) {
    return std::any_of(list.begin(), list.end(),
                       [&](const std::string& one) { return one.find(text) != std::string::npos; });
}

const std::string pressure = "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
                             "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

} // namespace

TEST_CASE("where all is well nothing is warned of") {
    CHECK(feature_warnings(all_well()).empty());
    const auto names = feature_names(all_well());
    CHECK(contains(names, "psi"));
    CHECK(contains(names, "psi-window-500ms"));
    CHECK(contains(names, "mrelease"));
    CHECK_FALSE(contains(names, "zram"));
}

TEST_CASE("each thing that is missing is said once, with what to do") {
    Features features = all_well();
    features.psi = features.cgroup_psi = features.privileged_triggers = false;
    features.smallest_window = {};
    auto warnings = feature_warnings(features);
    REQUIRE(warnings.size() == 1);
    CHECK(some_mentions(warnings, "psi=1"));

    features = all_well();
    features.unified = features.memory_controller = features.cgroup_psi = false;
    warnings = feature_warnings(features);
    REQUIRE(warnings.size() == 1);
    CHECK(some_mentions(warnings, "systemd.unified_cgroup_hierarchy=1"));

    features = all_well();
    features.mrelease = false;
    features.lru_gen_min_ttl = true;
    warnings = feature_warnings(features);
    CHECK(warnings.size() == 2);
    CHECK(some_mentions(warnings, "min_ttl_ms"));
}

TEST_CASE("a machine with nothing is probed without harm") {
    const Features features = probe_features(Machine{});
    CHECK_FALSE(features.unified);
    CHECK_FALSE(features.psi);
    CHECK_FALSE(features.meminfo);
    CHECK(features.smallest_window == 0us);
}

TEST_CASE("probes find what is there") {
    const FakeFiles files{{
        {"proc/pressure/memory", pressure},
        {"proc/swaps", "Filename\tType\n/dev/zram0  partition 1 0 -2\n"},
        {"cg/cgroup.controllers", "cpuset cpu io memory hugetlb\n"},
        {"cg/a.slice/cgroup.kill", ""},
        {"cg/a.slice/memory.pressure", ""},
    }};
    const Machine machine{.proc = files.open("proc"), .cgroups = files.open("cg")};
    Features features = probe_features(machine);
    CHECK(features.unified);
    CHECK(features.memory_controller);
    CHECK(features.psi);
    CHECK(features.cgroup_psi);
    CHECK(features.cgroup_kill);
    CHECK_FALSE(features.memory_reclaim);
    CHECK(features.swap);
    CHECK(features.zram);

    files.write("cg/cgroup.controllers", "cpu nomemory memory2\n");
    files.write("proc/swaps", "Filename\tType\n");
    features = probe_features(machine);
    CHECK_FALSE(features.memory_controller);
    CHECK_FALSE(features.swap);
}
