// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/drop_in_folders.hpp"

#include "catch.hpp"
#include "tree.hpp"

using namespace reapd;

namespace {

using Units = std::set<std::string>;
namespace fs = std::filesystem;

/// As the manager does it: beside its place, then moved.
void set_property(const Tree& tree, const std::string& folder, const std::string& unit,
                  const std::string& name = "50-ManagedOOMSwap.conf") {
    const std::string path = folder + '/' + unit + ".d/";
    tree.add({path + ".#temporary", "[Service]\nManagedOOMSwap=kill\n"});
    fs::rename(tree / (path + ".#temporary"), tree / (path + name));
}

Units touched(DropInFolders& folders) {
    const DropInFolders::Touched all = folders.dispatch();
    CHECK_FALSE(all.unknown);
    return all.units;
}

} // namespace

TEST_CASE("the first drop-in of all is seen, though not even its folder existed") {
    const Tree tree{directory("etc/systemd"), directory("run/systemd")};
    DropInFolders folders{tree.root()};
    folders.watch();
    CHECK_FALSE(folders.problem());
    CHECK(touched(folders).empty());

    set_property(tree, "run/systemd/system.control", "a.service");
    CHECK(touched(folders) == Units{"a.service"});
    set_property(tree, "etc/systemd/system.control", "b.slice");
    CHECK(touched(folders) == Units{"b.slice"});
    set_property(tree, "run/systemd/transient", "c.scope");
    CHECK(touched(folders) == Units{"c.scope"});
}

TEST_CASE("a further drop-in is seen, a changed one and a deleted one") {
    const Tree tree{};
    set_property(tree, "run/systemd/system.control", "a.service");
    DropInFolders folders{tree.root()};
    folders.watch();
    CHECK(touched(folders).empty());

    set_property(tree, "run/systemd/system.control", "a.service", "50-MemoryHigh.conf");
    CHECK(touched(folders) == Units{"a.service"});
    set_property(tree, "run/systemd/system.control", "a.service", "50-MemoryHigh.conf");
    CHECK(touched(folders) == Units{"a.service"});
    fs::remove(tree / "run/systemd/system.control/a.service.d/50-MemoryHigh.conf");
    CHECK(touched(folders) == Units{"a.service"});
    fs::remove_all(tree / "run/systemd/system.control/a.service.d");
    CHECK(touched(folders) == Units{"a.service"});
    CHECK(touched(folders).empty());
}

TEST_CASE("a folder that is deleted is waited for again") {
    const Tree tree{};
    set_property(tree, "etc/systemd/system.control", "a.service");
    DropInFolders folders{tree.root()};
    folders.watch();
    fs::remove_all(tree / "etc/systemd/system.control");
    CHECK(touched(folders) == Units{"a.service"});
    set_property(tree, "etc/systemd/system.control", "b.service");
    CHECK(touched(folders) == Units{"b.service"});
    set_property(tree, "etc/systemd/system.control", "b.service");
    CHECK(touched(folders) == Units{"b.service"});
}

TEST_CASE("units and files that cannot say anything are passed over") {
    const Tree tree{directory("run/systemd/transient")};
    DropInFolders folders{tree.root()};
    folders.watch();
    tree.add({"run/systemd/transient/a.service", "[Service]\n"});
    set_property(tree, "run/systemd/transient", "a.mount");
    tree.add(directory("run/systemd/journal/b.service.d"));
    tree.add(directory("etc/systemd/transient/c.service.d"));
    CHECK(touched(folders).empty());
}

TEST_CASE("a storm is told as one name, and a queue that runs over as unknown") {
    const Tree tree{};
    set_property(tree, "run/systemd/system.control", "a.service");
    DropInFolders folders{tree.root()};
    folders.watch();
    const std::string folder = tree / "run/systemd/system.control/a.service.d/";
    for (int i = 0; i < 50; ++i)
        set_property(tree, "run/systemd/system.control", "a.service");
    CHECK(touched(folders) == Units{"a.service"});

    // fs.inotify.max_queued_events is 16384; equal events that follow each other are one.
    for (int i = 0; i < 20000; ++i)
        fs::rename(folder + (i % 2 ? "b.conf" : "50-ManagedOOMSwap.conf"),
                   folder + (i % 2 ? "50-ManagedOOMSwap.conf" : "b.conf"));
    bool unknown = false;
    for (int i = 0; i < 200 && !unknown; ++i)
        unknown = folders.dispatch().unknown;
    CHECK(unknown);
    while (!folders.dispatch().units.empty()) {
    }
    set_property(tree, "run/systemd/system.control", "a.service");
    CHECK(touched(folders) == Units{"a.service"});
}
