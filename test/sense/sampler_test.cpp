// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sense/sampler.hpp"

#include "catch.hpp"
#include "fake_files.hpp"

#include <fcntl.h>
#include <sys/resource.h>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

const std::string calm = "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"
                         "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n";
const std::string busy = "some avg10=9.00 avg60=0.00 avg300=0.00 total=7\n"
                         "full avg10=5.00 avg60=0.00 avg300=0.00 total=5\n";

/// A row whose directory is borrowed from `dir`; it is looked at closely where that is `close`.
Row row_of(const Fd& dir, Slot parent = 0, Closeup* close = nullptr) {
    Row row;
    row.id = {7};
    row.dir = dir.get();
    row.parent = parent;
    row.close = close;
    return row;
}

} // namespace

TEST_CASE("the root's pressure is the machine's") {
    const FakeFiles files{{{"proc/pressure/memory", busy}, {"cg/memory.pressure", calm}}};
    const Machine machine{.proc = files.open("proc"), .cgroups = files.open("cg")};
    CHECK(read_pressure(machine, row_of(machine.cgroups, no_slot))->full.total == 5us);
    CHECK(read_pressure(machine, row_of(machine.cgroups, 0))->full.total == 1us);
}

TEST_CASE("pressure that is switched off is an error, not none") {
    const FakeFiles files{{{"proc/meminfo", ""}, {"cg/cgroup.events", ""}}};
    const Machine machine{.proc = files.open("proc"), .cgroups = files.open("cg")};
    CHECK(read_pressure(machine, row_of(machine.cgroups)).error().code == ENOENT);
    CHECK(read_pressure(machine, row_of(machine.cgroups, no_slot)).error().code == ENOENT);
    CHECK(read_meminfo(machine).error().code == EBADMSG);
}

TEST_CASE("measuring keeps the sample before") {
    const FakeFiles files{{{"memory.current", "4096\n"}, {"memory.swap.current", "512\n"}}};
    const Fd dir = files.open();
    Closeup close;
    Row row = row_of(dir, 0, &close);
    measure(row, TimePoint{1s});
    CHECK(row.usage == Usage{.taken = TimePoint{1s}, .current = {4096}, .swap = {512}});
    CHECK_FALSE(close.earlier);

    files.write("memory.current", "8192\n");
    measure(row, TimePoint{2s});
    CHECK(row.usage == Usage{.taken = TimePoint{2s}, .current = {8192}, .swap = {512}});
    CHECK(close.earlier == Usage{.taken = TimePoint{1s}, .current = {4096}, .swap = {512}});
}

TEST_CASE("without swap accounting nothing is swapped") {
    const FakeFiles files{{{"memory.current", "4096\n"}}};
    const Fd dir = files.open();
    Row row = row_of(dir);
    measure(row, TimePoint{1s});
    CHECK(row.usage == Usage{.taken = TimePoint{1s}, .current = {4096}});
}

TEST_CASE("memory that cannot be read is unknown, and known again when it can") {
    const FakeFiles files{{{"memory.current", "4096\n"}}};
    const Fd dir = files.open();
    Closeup close;
    Row row = row_of(dir, 0, &close);
    measure(row, TimePoint{1s});
    files.remove("memory.current");
    measure(row, TimePoint{2s});
    CHECK_FALSE(row.measurable);
    CHECK_FALSE(row.usage);
    CHECK_FALSE(close.earlier);
    measure_closely(row);
    CHECK_FALSE(row.usage);

    files.write("memory.current", "8192\n");
    measure(row, TimePoint{3s});
    CHECK(row.measurable);
    CHECK(row.usage->current == Bytes{8192});
    CHECK_FALSE(close.earlier);
}

TEST_CASE("a shortage of descriptors says nothing about a cgroup") {
    const FakeFiles files{{{"memory.current", "4096\n"}}};
    const Fd dir = files.open();
    Row row = row_of(dir);
    measure(row, TimePoint{1s});

    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    measure(row, TimePoint{2s});
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(row.measurable);
    CHECK(row.usage == Usage{.taken = TimePoint{1s}, .current = {4096}});
}

TEST_CASE("anonymous memory is added to the newest sample") {
    const FakeFiles files{
        {{"memory.current", "4096\n"}, {"memory.stat", "anon 1024\nfile 5\nshmem 2\n"}}};
    const Fd dir = files.open();
    Closeup close;
    Row row = row_of(dir, 0, &close);
    measure(row, TimePoint{1s});
    measure_closely(row);
    CHECK(close.details.anon == Bytes{1024});
    CHECK(close.past.older == Past::Mark{.taken = TimePoint{1s}, .held = {1026}});
    files.write("memory.stat", "anon\n");
    measure(row, TimePoint{2s});
    measure_closely(row);
    CHECK_FALSE(close.details.anon);
}

TEST_CASE("what cannot be measured has no past") {
    FakeFiles files{{{"memory.current", "4096\n"}}};
    const Fd dir = files.open();
    Closeup close;
    Row row = row_of(dir, 0, &close);
    close.past = Past::of_birth(TimePoint{1s});
    measure(row, TimePoint{2s});
    CHECK(close.past == Past::of_birth(TimePoint{1s}));
    files.remove("memory.current");
    measure(row, TimePoint{3s});
    CHECK(close.past == Past{});
}

TEST_CASE("a cgroup dies as a whole when it says so") {
    const FakeFiles files{{{"yes/memory.oom.group", "1\n"}, {"no/memory.oom.group", "0\n"}}};
    const Fd yes = files.open("yes");
    const Fd no = files.open("no");
    const Fd unknown = files.open();
    CHECK(read_one_unit(row_of(yes)));
    CHECK_FALSE(read_one_unit(row_of(no)));
    CHECK_FALSE(read_one_unit(row_of(unknown)));
}

TEST_CASE("limit hits remember when they grew last") {
    const FakeFiles files{
        {{"memory.events.local", "high 1\nmax 1\n"}, {"memory.events", "high 5\nmax 5\n"}}};
    const Fd dir = files.open();
    Closeup close;
    Row row = row_of(dir, 0, &close);
    measure_own_limit(row, TimePoint{1s});
    measure_limits_within(row, TimePoint{1s});
    CHECK(close.own_limit == LimitHits{.count = 2, .read = TimePoint{1s}});
    CHECK(close.limits_within == LimitHits{.count = 10, .read = TimePoint{1s}});

    files.write("memory.events.local", "high 2\nmax 1\n");
    measure_own_limit(row, TimePoint{1s}); // read at that time already
    CHECK(close.own_limit.count == 2);
    measure_own_limit(row, TimePoint{2s});
    measure_own_limit(row, TimePoint{3s});
    CHECK(close.own_limit == LimitHits{.count = 3,
                                       .read = TimePoint{3s},
                                       .before = TimePoint{2s},
                                       .grew_after = TimePoint{1s}});
}

TEST_CASE("limit hits that cannot be read, or run backwards, start anew") {
    const FakeFiles files{{{"memory.events", "high 5\nmax 5\n"}}};
    const Fd dir = files.open();
    Closeup close;
    Row row = row_of(dir, 0, &close);
    measure_own_limit(row, TimePoint{1s}); // a kernel before 5.2
    CHECK(close.own_limit == LimitHits{.read = TimePoint{1s}});

    measure_limits_within(row, TimePoint{1s});
    files.write("memory.events", "high 1\nmax 1\n");
    measure_limits_within(row, TimePoint{2s});
    CHECK(close.limits_within == LimitHits{.count = 2, .read = TimePoint{2s}});
    files.remove("memory.events");
    measure_limits_within(row, TimePoint{3s});
    CHECK(close.limits_within == LimitHits{.read = TimePoint{3s}});
}

TEST_CASE("what remains of a victim is anonymous memory and swap") {
    const FakeFiles files{{{"cgroup.events", "populated 1\nfrozen 0\n"},
                           {"memory.stat", "anon 1024\nfile 5\nshmem 2\n"},
                           {"memory.swap.current", "512\n"}}};
    const Fd dir = files.open();
    auto remains = read_remains(dir.get());
    REQUIRE(remains);
    CHECK(remains->memory == Bytes{1536});
    CHECK(remains->populated);

    files.remove("memory.stat"); // the memory controller was switched off
    files.remove("memory.swap.current");
    remains = read_remains(dir.get());
    REQUIRE(remains);
    CHECK(remains->memory == Bytes{0});

    files.write("memory.stat", "spoiled");
    CHECK(read_remains(dir.get()).error().code == EBADMSG);
    files.remove("cgroup.events");
    CHECK(read_remains(dir.get()).error().code == ENOENT);
}

TEST_CASE("files of a row that wants it stay open, and tell what is true now") {
    const FakeFiles files{{{"memory.current", "4096\n"},
                           {"memory.swap.current", "512\n"},
                           {"memory.stat", "anon 1024\nshmem 0\n"}}};
    const Fd dir = files.open();
    Closeup close;
    Row row = row_of(dir, 0, &close);
    close.files.wanted = true;
    measure(row, TimePoint{1s});
    measure_closely(row);
    const HeldFiles held = close.files;
    REQUIRE(held.current >= 0);
    REQUIRE(held.swap >= 0);
    REQUIRE(held.stat >= 0);

    files.write("memory.current", "8192\n");
    files.write("memory.stat", "anon 2048\nshmem 0\n");
    measure(row, TimePoint{2s});
    measure_closely(row);
    CHECK(row.usage->current == Bytes{8192});
    CHECK(close.details.anon == Bytes{2048});
    CHECK(close.files.current == held.current);

    close_files(close.files);
    CHECK(::fcntl(held.current, F_GETFD) == -1);
    CHECK(::fcntl(held.stat, F_GETFD) == -1);
    measure(row, TimePoint{3s});
    CHECK(close.files.current == -1);
}

TEST_CASE("a held file that answers no more is opened anew") {
    const FakeFiles files{{{"memory.current", "4096\n"}}};
    const Fd dir = files.open();
    REQUIRE(dir);
    Closeup close;
    Row row = row_of(dir, 0, &close);
    close.files.wanted = true;
    measure(row, TimePoint{1s});
    REQUIRE(::dup2(dir.get(), close.files.current) >= 0); // Reading it is an error now.
    measure(row, TimePoint{2s});
    CHECK(row.usage == Usage{.taken = TimePoint{2s}, .current = {4096}});

    REQUIRE(::dup2(dir.get(), close.files.current) >= 0);
    files.remove("memory.current");
    measure(row, TimePoint{3s});
    CHECK_FALSE(row.measurable);
    CHECK(close.files.current == -1);
    close_files(close.files);
}

TEST_CASE("what is unprotected is what its own protection and that of those around it leave") {
    const FakeFiles files{{{"a/memory.current", "1000\n"},
                           {"a/memory.min", "100\n"},
                           {"a/memory.low", "300\n"},
                           {"a/b/memory.current", "600\n"},
                           {"a/b/memory.min", "0\n"},
                           {"a/b/memory.low", "0\n"}}};
    Table table{3, Directories::Lent};
    const Fd root = files.open();
    const Fd outer = files.open("a");
    const Fd inner = files.open("a/b");
    table.add(0, {1}, no_slot, root.get(), {});
    table.add(1, {2}, 0, outer.get(), {});
    table.add(2, {3}, 1, inner.get(), {});
    CHECK(read_unprotected(table, 2) == Bytes{600});
    files.write("a/memory.low", "900\n");
    CHECK(read_unprotected(table, 2) == Bytes{100});
    files.write("a/b/memory.min", "max\n");
    CHECK(read_unprotected(table, 2) == Bytes{0});
    CHECK_FALSE(read_unprotected(table, 0)); // The root's cannot be read.
}

TEST_CASE("what cooling costs is pages that came back and time waited") {
    const FakeFiles files{{{"memory.stat", "anon 1\nshmem 0\nworkingset_refault_anon 40\n"
                                           "workingset_refault_file 2\n"},
                           {"memory.pressure", busy}}};
    const Fd dir = files.open();
    CHECK(read_cost(dir.get()) == Cost{.refaults = 42, .stalled = 5us});
    files.remove("memory.pressure");
    CHECK(read_cost(dir.get()) == Cost{.refaults = 42});
    files.remove("memory.stat");
    CHECK_FALSE(read_cost(dir.get()));
}

TEST_CASE("CPU time that cannot be read makes nobody idle") {
    const FakeFiles files{{{"cpu.stat", "usage_usec 100\nuser_usec 60\n"}}};
    const Fd dir = files.open();
    const Row row = row_of(dir);
    Activity activity;
    measure_activity(row, activity, TimePoint{1h});
    measure_activity(row, activity, TimePoint{2h});
    CHECK(activity.idle() == 1h);
    files.remove("cpu.stat");
    measure_activity(row, activity, TimePoint{3h});
    CHECK_FALSE(activity.known());
}
