// SPDX-License-Identifier: LGPL-2.1-or-later

/// The controller of cooling against series that were recorded.

#include "catch.hpp"
#include "decide/cooling.hpp"

#include <vector>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

/// Rounds of 32 MiB of memory.reclaim on cgroups of 200 MiB, each looked at for some 4 s, as they
/// went in an emulated guest with Linux 6.1 and swap on a disk.
RoundCost recorded(std::uint64_t moved, std::uint64_t back, std::int64_t stalled,
                   std::int64_t observed, bool exhausted = false) {
    return {.moved = {moved},
            .back = {back},
            .stalled = Microseconds{stalled},
            .observed = Microseconds{observed},
            .exhausted = exhausted};
}

/// Nothing runs in it.
const std::vector<RoundCost> of_sleeper{
    recorded(33554432, 0, 0, 4565943),   recorded(33554432, 0, 0, 4483558),
    recorded(33554432, 0, 0, 4444997),   recorded(33554432, 0, 0, 4627030),
    recorded(33554432, 0, 0, 4514766),   recorded(7733248, 0, 0, 4315096, true),
    recorded(4096, 0, 0, 4243979, true), recorded(0, 0, 0, 4313527, true),
    recorded(0, 0, 0, 4230055, true),    recorded(0, 0, 0, 4259907, true),
};

/// It goes through all of its memory, again and again.
const std::vector<RoundCost> of_worker{
    recorded(33554432, 32624640, 0, 5276110),      recorded(33554432, 36659200, 418073, 6481636),
    recorded(33554432, 36876288, 196812, 5493050), recorded(33554432, 37044224, 357142, 5615120),
    recorded(33554432, 43147264, 161404, 6535767), recorded(33554432, 37703680, 193922, 5602964),
    recorded(33554432, 33615872, 292561, 5760979), recorded(33554432, 33632256, 386912, 5819645),
};

/// It sleeps, works for three rounds, and sleeps again.
const std::vector<RoundCost> of_riser{
    recorded(33554432, 0, 0, 4540928),
    recorded(33554432, 0, 0, 4600933),
    recorded(33554432, 0, 0, 4916032),
    recorded(33554432, 0, 0, 4836853),
    recorded(33554432, 195297280, 0, 4909326),
    recorded(33554432, 36814848, 536472, 5628026),
    recorded(33554432, 36917248, 188749, 6592234),
    recorded(33554432, 0, 0, 4641475),
    recorded(33554432, 0, 0, 4713553),
    recorded(33554432, 0, 0, 4727227),
    recorded(33554432, 0, 0, 4831775),
    recorded(33554432, 0, 0, 4489552),
};

/// What the controller makes of a series, round by round.
std::vector<Dose> doses(const std::vector<RoundCost>& series) {
    const Cooling cooling{.budget = mib(32), .interval = 5s};
    Dose dose = first_dose(cooling);
    std::vector<Dose> all;
    for (const RoundCost& cost : series)
        all.push_back(dose = next_dose(dose, cooling, cost));
    return all;
}

} // namespace

TEST_CASE("recorded: a sleeper is cooled at full speed until nothing is left, then seldom") {
    const Dose full{mib(32), 5s};
    CHECK(doses(of_sleeper) == std::vector<Dose>{full,
                                                 full,
                                                 full,
                                                 full,
                                                 full,
                                                 full,
                                                 {mib(32), 10s},
                                                 {mib(32), 20s},
                                                 {mib(32), 40s},
                                                 {mib(32), 80s}});
}

TEST_CASE("recorded: who works is asked for less and less often, from the first round on") {
    CHECK(doses(of_worker) == std::vector<Dose>{{mib(16), 10s},
                                                {mib(8), 20s},
                                                {mib(4), 40s},
                                                {mib(2), 80s},
                                                {mib(1), 160s},
                                                {mib(1), 320s},
                                                {mib(1), 600s},
                                                {mib(1), 600s}});
}

TEST_CASE("recorded: who wakes up is left alone, and cooled again when it sleeps") {
    const Dose full{mib(32), 5s};
    CHECK(doses(of_riser) == std::vector<Dose>{full,
                                               full,
                                               full,
                                               full,
                                               {mib(16), 10s},
                                               {mib(8), 20s},
                                               {mib(4), 40s},
                                               {mib(8), 20s},
                                               {mib(16), 10s},
                                               full,
                                               full,
                                               full});
}
