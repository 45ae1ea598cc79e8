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

    Found look(TimePoint now, bool all = false) {
        return pool_.sample(table_, {.used = true, .slot = 0}, rule_, now, all);
    }

    bool measured(Slot slot, TimePoint at) const {
        return table_.at(slot).usage && table_.at(slot).usage->taken == at;
    }

    std::size_t held() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            table_.rows(), [](const Row& row) { return row.files.current >= 0; }));
    }

    Table& table() { return table_; }

private:
    void add(Slot slot, Slot parent) {
        files_.write(std::to_string(slot) + "/cgroup.procs", "");
        const Fd dir = files_.open(std::to_string(slot));
        table_.add(slot, {slot + 1U}, parent, ::dup(dir.get()), {});
    }

    FakeFiles files_{{{"meminfo", ""}}};
    Machine machine_{.proc = files_.open(), .cgroups = files_.open()};
    Table table_;
    CandidatePool pool_;
    Rule rule_{.name = "r"};
};

} // namespace

TEST_CASE("while there is pressure the files of candidates stay open, and not longer") {
    Scene scene{20};
    CHECK(scene.look(begin, true).count == 20);
    CHECK(scene.held() == 20);
    scene.look(begin + 1s);
    CHECK(scene.held() == 20);
    CandidatePool::rest(scene.table());
    CHECK(scene.held() == 0);
}

TEST_CASE("who looks only when asked holds no files") {
    Scene scene{20, Files::Closed};
    scene.look(begin, true);
    CHECK(scene.measured(1, begin));
    CHECK(scene.held() == 0);
}

TEST_CASE("of very many the largest are measured each time, and theirs alone are held") {
    Scene scene{1000};
    scene.look(begin, true);
    for (const Slot slot : {1U, 500U, 1000U})
        CHECK(scene.measured(slot, begin));
    scene.look(begin + 1s);
    CHECK(scene.measured(1000, begin + 1s));
    CHECK(scene.measured(489, begin + 1s));
    CHECK(scene.held() == 512);
    CHECK(scene.table().at(1000).files.current >= 0);
    CHECK(scene.table().at(1).files.current == -1);
}

TEST_CASE("of very many the small ones are measured in turn, and one that grew is followed") {
    Scene scene{1000};
    scene.look(begin, true);
    scene.look(begin + 1s);
    scene.grow(3, mib(5000));
    scene.look(begin + 2s);
    scene.look(begin + 3s);
    CHECK(scene.table().at(3).usage->current == mib(5000));
    scene.look(begin + 4s);
    CHECK(scene.measured(3, begin + 4s));
    CHECK(scene.table().at(3).files.current >= 0);
    CHECK(scene.held() == 512);
}
