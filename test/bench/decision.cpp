// SPDX-License-Identifier: LGPL-2.1-or-later

/// How long does one decision take, once everything is measured?
///
/// Usage: bench-decision [RUNS]
///
/// The same steps as the guard's, on tables of generated cgroups: who may die at all, the largest
/// of them, their order, the verdict. Sizes differ by a factor of a million, as real ones do; one
/// in sixteen is protected, and as many are preferred, or are to be avoided.

#include "bench/forest.hpp"
#include "bench/sample.hpp"
#include "decide/candidates.hpp"
#include "decide/decide.hpp"
#include "decide/rank.hpp"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace reapd;
using namespace reapd::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

constexpr RuleIndex first_rule = 0;
constexpr std::size_t ranked_at_most = 64; // As in CandidatePool.

Bytes bytes_of(double mebibytes) { return {static_cast<std::uint64_t>(mebibytes * (1 << 20))}; }

Usage usage_at(TimePoint taken, Bytes size) {
    return {.taken = taken, .current = size, .swap = {size.value / 4}};
}

UsageDetails details_of(Bytes size) {
    return {.anon = Bytes{size.value / 2},
            .shared = {size.value / 16},
            .scanned = size.value / 4096,
            .refaults = size.value / 8192,
            .stalled = Microseconds{1000}};
}

class World {
public:
    explicit World(const Forest& forest)
        : table_{1 + forest.candidates + inner_cgroups(forest), Directories::Lent},
          slots_(table_.capacity()), scratch_(table_.capacity()), candidates_(ranked_at_most) {
        table_.add(0, {1}, no_slot, -1, {.watched = 1, .never = true});
        const auto add = [&](Slot parent) {
            const auto slot = static_cast<Slot>(table_.rows().size());
            table_.add(slot, {slot + 1}, parent, -1, {});
            return slot;
        };
        plant(forest, Slot{0}, add, [&](Slot parent) { furnish(add(parent)); });
    }

    /// The first victim, or none.
    CgroupId decide_once() {
        const Found found = find_candidates(table_, 0, rule_, first_rule, slots_, scratch_);
        const std::span<Slot> all = std::span{slots_}.first(found.count);
        const std::size_t count = largest(all, table_, rule_, first_rule, ranked_at_most);
        for (std::size_t i = 0; i < count; ++i)
            candidates_[i] =
                candidate_of(table_.at(all[i]), all[i], first_rule, table_.at(0).marks);
        const std::span<Candidate> measured = std::span{candidates_}.first(count);
        const std::span<const Candidate> ranked =
            measured.first(rank(rule_, memory_.total, measured));
        const Decision decision = decide({.rule = &rule_,
                                          .measured = {.full = Permyriad{5000}, .memory = memory_},
                                          .ranked = ranked,
                                          .found = found});
        return decision.verdict == Verdict::Kill ? ranked.front().id : CgroupId{};
    }

private:
    void furnish(Slot slot) {
        Row& row = table_.at(slot);
        const double mebibytes = std::exp2(spread_(random_));
        const Bytes before = bytes_of(mebibytes * 0.9);
        const Bytes size = bytes_of(mebibytes);
        row.usage = usage_at(TimePoint{2s}, size);
        Closeup& close = table_.look_closely(slot, TimePoint{2s});
        close.earlier = usage_at(TimePoint{1s}, before);
        close.earlier_details = details_of(before);
        close.details = details_of(size);
        const auto lot = random_() % 16;
        row.marks.spared = lot == 0 ? 1 : 0;
        row.marks.preferred = lot == 1 ? 1 : 0;
        row.marks.avoided = lot == 2 ? 1 : 0;
    }

    Table table_;
    Rule rule_{.name = "bench",
               .when = {.pressure_full = PressureLimit{.share = {1000}, .window = 1s}}};
    MemInfo memory_{.total = mib(16384), .available = mib(512)};
    std::vector<Slot> slots_;
    std::vector<std::uint8_t> scratch_;
    std::vector<Candidate> candidates_;
    std::mt19937 random_{20240229};
    std::uniform_real_distribution<> spread_{-8, 12};
};

double measure(World& world, std::size_t times) {
    const TimePoint began = Clock::now();
    for (std::size_t i = 0; i < times; ++i)
        if (world.decide_once() == CgroupId{})
            std::abort(); // It was to choose somebody.
    return std::chrono::duration<double, std::milli>(Clock::now() - began).count() /
           static_cast<double>(times);
}

} // namespace

int main(int argc, char** argv) {
    const int runs = argc > 1 ? std::atoi(argv[1]) : 9;
    struct Case {
        Forest forest{};
        std::unique_ptr<World> world{};
    };
    std::vector<Case> cases;
    for (const std::size_t candidates : {10UZ, 100UZ, 1000UZ, 10000UZ})
        for (const std::size_t depth : {1UZ, 10UZ}) {
            const Forest forest{candidates, depth};
            cases.push_back({forest, std::make_unique<World>(forest)});
        }
    for (int run = 0; run < runs; ++run)
        for (Case& one : cases) {
            const double took = measure(*one.world, 20000 / one.forest.candidates + 1);
            sample("one decision, ms", std::to_string(one.forest.candidates) + " candidates",
                   "depth " + std::to_string(one.forest.depth), took);
        }
}
