// SPDX-License-Identifier: LGPL-2.1-or-later

/// Which candidates are measured at all, and of which files stay open. The kernel's files are made
/// here.

#include "candidate_pool.hpp"

#include "sense/fake_files.hpp"

#include <algorithm>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint begin{1h};

/// A watched cgroup, slot 0, with so many children; the higher the slot, the larger.
class Scene {
public:
    explicit Scene(std::size_t children, Files held = Files::Held)
        : table_{children + 1}, pool_{machine_, children + 1, held} {
        add(0, no_slot);
        for (Slot slot = 1; slot <= children; ++slot) {
            grow(slot, mib(slot));
            add(slot, 0);
        }
    }

    void grow(Slot slot, Bytes current) const {
        const std::string name = std::to_string(slot);
        files_.write(name + "/memory.current", std::to_string(current.value) + "\n");
        files_.write(name + "/memory.stat",
                     "anon " + std::to_string(current.value) + "\nshmem 0\n");
    }

    Found look(TimePoint now, Extent extent = Extent::Usual, Slot watched = 0) {
        return pool_.sample(table_, {.used = true, .slot = watched}, rule_, memory_, now, extent);
    }

    Candidate first_victim() {
        return pool_.ranked(table_, {.used = true, .slot = 0}, rule_, mib(8192)).front();
    }

    void swap_out(Slot slot, Bytes swapped, Bytes free) {
        memory_ = MemInfo{.swap_total = mib(512), .swap_free = free};
        files_.write(std::to_string(slot) + "/memory.swap.current",
                     std::to_string(swapped.value) + "\n");
    }

    void vanish(Slot slot) const { files_.remove(std::to_string(slot) + "/memory.current"); }

    bool measured(Slot slot, TimePoint at) const {
        return table_.at(slot).usage && table_.at(slot).usage->taken == at;
    }

    std::size_t measured() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            table_.rows(), [](const Row& row) { return row.usage.has_value(); }));
    }

    std::size_t held() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            table_.rows(), [](const Row& row) { return closeup_of(row).files.current >= 0; }));
    }

    Table& table() { return table_; }

private:
    void add(Slot slot, Slot parent) {
        files_.write(std::to_string(slot) + "/memory.events.local", "high 0\nmax 0\n");
        const Fd dir = files_.open(std::to_string(slot));
        table_.add(slot, {slot + 1U}, parent, ::dup(dir.get()), {});
    }

    FakeFiles files_{{{"meminfo", ""}}};
    Machine machine_{.proc = files_.open(), .cgroups = files_.open()};
    Table table_;
    CandidatePool pool_;
    Rule rule_{.name = "r",
               .when = {.pressure_full = PressureLimit{.share = {1000}, .window = 1s}}};
    std::optional<MemInfo> memory_{};
};

} // namespace

TEST_CASE("while there is pressure the files of candidates stay open, and not longer") {
    Scene scene{20};
    CHECK(scene.look(begin, Extent::All).count == 20);
    CHECK(scene.held() == 20);
    scene.look(begin + 1s);
    CHECK(scene.held() == 20);
    scene.table().close_all_files();
    CHECK(scene.held() == 0);
}

TEST_CASE("who looks only when asked holds no files") {
    Scene scene{20, Files::Closed};
    scene.look(begin, Extent::All);
    CHECK(scene.measured(1, begin));
    CHECK(scene.held() == 0);
}

TEST_CASE("of very many the largest are measured each time, and theirs alone are held") {
    Scene scene{1000};
    scene.look(begin, Extent::All);
    for (const Slot slot : {1U, 500U, 1000U})
        CHECK(scene.measured(slot, begin));
    scene.look(begin + 1s);
    CHECK(scene.measured(1000, begin + 1s));
    CHECK(scene.measured(489, begin + 1s));
    CHECK(scene.held() == 512);
    CHECK(closeup_of(scene.table().at(1000)).files.current >= 0);
    CHECK(closeup_of(scene.table().at(1)).files.current == -1);
}

TEST_CASE("of very many the small ones are measured in turn, and one that grew is followed") {
    Scene scene{1000};
    scene.look(begin, Extent::All);
    scene.look(begin + 1s);
    scene.grow(3, mib(5000));
    scene.look(begin + 2s);
    scene.look(begin + 3s);
    CHECK(scene.table().at(3).usage->current == mib(5000));
    scene.look(begin + 4s);
    CHECK(scene.measured(3, begin + 4s));
    CHECK(closeup_of(scene.table().at(3)).files.current >= 0);
    CHECK(scene.held() == 512);
}

TEST_CASE("of very many it is known at the second look already how fast the largest grow") {
    Scene scene{1000};
    scene.look(begin, Extent::All);
    scene.grow(990, mib(1090));
    scene.look(begin + 50ms);
    CHECK(scene.first_victim().slot == 990);
    CHECK(scene.first_victim().growth == mib(2000).value);
}

TEST_CASE("who is in no hurry does not measure very many at once, but all of them in time") {
    constexpr std::size_t many = 1200;
    Scene scene{many};
    scene.look(begin, Extent::Few);
    CHECK(scene.measured() < 1000);
    CHECK(scene.held() <= 512);
    TimePoint now = begin;
    for (int i = 0; i < 10; ++i)
        scene.look(now += 1s, Extent::Few);
    CHECK(scene.measured() == many);
    scene.look(now += 1s, Extent::Few);
    CHECK(scene.first_victim().slot == many);
}

TEST_CASE("who is in no hurry does not measure very many at once because one of them is gone") {
    Scene scene{1200};
    scene.vanish(1);
    scene.look(begin, Extent::Few);
    CHECK(scene.measured() > 0);
    CHECK(scene.measured() < 1200);
}

TEST_CASE("swap of candidates is read only where something is swapped out") {
    Scene scene{3};
    scene.swap_out(2, mib(5), mib(507));
    scene.look(begin, Extent::All);
    CHECK(scene.table().at(2).usage->swap == mib(5));
    scene.swap_out(2, mib(6), mib(512)); // The machine's swap is empty: this number is old.
    scene.look(begin + 1s);
    CHECK(scene.table().at(2).usage->swap == Bytes{});
}

TEST_CASE("the limits above a cgroup that is short stay open, too, and not longer") {
    Scene scene{2};
    scene.look(begin, Extent::All, 1);
    CHECK(closeup_of(scene.table().at(1)).files.own_events >= 0);
    CHECK(closeup_of(scene.table().at(0)).files.own_events >= 0);
    scene.table().close_all_files();
    CHECK(closeup_of(scene.table().at(1)).files.own_events == -1);
    CHECK(closeup_of(scene.table().at(0)).files.own_events == -1);
}

TEST_CASE("however many cgroups are short at once, the files held are bounded") {
    Scene scene{900};
    for (Slot slot = 1; slot <= 900; ++slot)
        scene.look(begin, Extent::All, slot);
    CHECK(scene.measured(900, begin));
    CHECK(scene.held() + 1 == most_holding); // The limit of the cgroup above them is one.
}
