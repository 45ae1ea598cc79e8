// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/record.hpp"

#include "base/release_calls.hpp"
#include "catch.hpp"
#include "ctl/show_record.hpp"
#include "tell/told.hpp"

#include <cstdlib>
#include <ctime>

using namespace reapd;
using nlohmann::json;

namespace {

/// The journal's view of what the daemon would write about this event.
JournalEntry entry_of(const Event& event, std::uint64_t seconds, const char* pid = "100") {
    static const Rule rule{.name = "10-machine"};
    const Entry written = journal_entry({.event = event, .rule = &rule, .name_of = name_of});
    JournalEntry entry{.realtime_usec = seconds * 1'000'000,
                       .fields = {{"_BOOT_ID", "b"}, {"_PID", pid}}};
    std::string_view wire = written.wire();
    while (!wire.empty()) {
        const std::string_view line = wire.substr(0, wire.find('\n'));
        const std::size_t equals = line.find('=');
        REQUIRE(equals != std::string_view::npos);
        entry.fields.emplace(line.substr(0, equals), line.substr(equals + 1));
        wire.remove_prefix(line.size() + 1);
    }
    return entry;
}

json record(EventKind kind, std::uint64_t seconds, const char* pid = "100") {
    return record_of(entry_of(kill_event(kind), seconds, pid));
}

void live_in_utc() {
    REQUIRE(::setenv("TZ", "UTC", 1) == 0);
    ::tzset();
}

} // namespace

TEST_CASE("a record has the daemon's numbers as numbers") {
    const json acted = record(EventKind::Acted, 5);
    CHECK(acted["time_usec"] == 5'000'000);
    CHECK(acted["kind"] == "acted");
    CHECK(acted["id"] == 7);
    CHECK(acted["pressure"] == 3120);
    CHECK(acted["window_usec"] == 1'000'000);
    CHECK(acted["cgroup"] == "/system.slice/hog.service");
    CHECK(acted["candidates"][1]["pid"] == 42);
    const json completed = record(EventKind::Completed, 6);
    CHECK(completed["bytes_released"] == 790 << 20);
    CHECK(completed["pressure_after"] == 12);
    CHECK(completed["mrelease_ok"] == 2);
}

TEST_CASE("the end of a kill goes to the kill of the same number and the same run") {
    const auto joined = join_records(
        {record(EventKind::Acted, 1, "100"), record(EventKind::Completed, 2, "100"),
         record(EventKind::Acted, 3, "200"), record(EventKind::Stuck, 4, "200"),
         record(EventKind::Completed, 5, "200"), record(EventKind::Completed, 6, "300")});
    REQUIRE(joined.size() == 4);
    CHECK(joined[0]["completed"]["time_usec"] == 2'000'000);
    CHECK(joined[1]["completed"]["time_usec"] == 5'000'000);
    CHECK(joined[2]["completed"].is_null());
    CHECK(joined[3]["kind"] == "completed");
    CHECK(find_record(joined, 7)["time_usec"] == 6'000'000);
    CHECK(find_record(joined, 8).is_null());
}

TEST_CASE("read backwards, the last records are there when what completes in them has begun") {
    Tail tail{1, {}};
    CHECK_FALSE(tail.is_whole());
    tail.add(record(EventKind::Completed, 6));
    tail.add(record(EventKind::Stuck, 5));
    CHECK_FALSE(tail.is_whole());
    tail.add(record(EventKind::Acted, 4, "99")); // of another run
    CHECK_FALSE(tail.is_whole());
    tail.add(record(EventKind::Acted, 3));
    CHECK(tail.is_whole());

    Tail until{1, 5'000'000};
    until.add(record(EventKind::Stuck, 6));
    CHECK_FALSE(until.is_whole());
    until.add(record(EventKind::Stuck, 5));
    CHECK(until.is_whole());
}

TEST_CASE("shares of candidates are in hundredths of a percent, like all of a record") {
    const json record =
        record_of({.fields = {{"REAPD_CANDIDATES",
                               R"([{"stall": 12.5}, {"stall": null}, {"stall": "x"}, {}, 3])"}}});
    CHECK(record["candidates"] ==
          json::parse(R"([{"stall": 1250}, {"stall": null}, {"stall": null}, {}, 3])"));
}

TEST_CASE("where no pressure was measured there is none, not one of nothing") {
    const json record = record_of({.fields = {{"REAPD_EVENT", "acted"}}});
    CHECK(show_records({record}, {.legend = false}).find('%') == std::string::npos);
}

TEST_CASE("what is newer is left out, but the end of a kill goes with the kill") {
    auto joined = join_records({record(EventKind::Acted, 1), record(EventKind::Stuck, 3),
                                record(EventKind::Completed, 4)});
    keep_until(joined, 2'999'999);
    REQUIRE(joined.size() == 1);
    CHECK(joined[0]["completed"]["time_usec"] == 4'000'000);
}

TEST_CASE("a record with strange fields is one all the same") {
    JournalEntry entry{.fields = {{"REAPD_ID", "-1"},
                                  {"REAPD_PRESSURE", "x.yz"},
                                  {"REAPD_CANDIDATES", "[{"},
                                  {"REAPD_CGROUP", "\x1b[2J"},
                                  {"REAPD_NEW", "text"}}};
    const json odd = record_of(entry);
    CHECK(odd["pressure"].is_null());
    CHECK(odd["candidates"].is_null());
    CHECK(odd["new"] == "text");
    for (const std::string& text : {show_records({odd}, {}), show_record(odd, {}),
                                    record_line(odd, {}), show_record(json{}, {})}) {
        CHECK_FALSE(text.empty());
        CHECK(text.find('\x1b') == std::string::npos);
    }
}

TEST_CASE("the history is a table of what was done and what it gave") {
    live_in_utc();
    const auto joined = join_records({record(EventKind::Acted, 1), record(EventKind::Completed, 2),
                                      record(EventKind::Stuck, 3)});
    CHECK(show_records(joined, {}) == R"(
TIME                     ID  ACTION  RULE        STALL           RELEASED  IN      CGROUP
Thu 1970-01-01 00:00:01  7   kill    10-machine  31.20% > 0.12%  790M      80.0ms  /system.slice/hog.service
Thu 1970-01-01 00:00:03  7   stuck   10-machine  31.20%          -         -       /

2 events listed.
)" + 1);
    CHECK(record_line(joined[1], {}).starts_with("Thu 1970-01-01 00:00:03     7  Stuck (rule"));
}

TEST_CASE("cooling is shown with what it took and what came back, and nothing of a kill") {
    live_in_utc();
    const auto joined = join_records({record_of(entry_of(cooling_event(EventKind::Acted), 1)),
                                      record_of(entry_of(cooling_event(EventKind::Completed), 2))});
    REQUIRE(joined.size() == 1);
    CHECK(show_records(joined, {}).find("7   hint    10-machine  31.20%  412M") !=
          std::string::npos);
    const std::string text = show_record(joined[0], {});
    CHECK(text.find("    Action: hint\n") != std::string::npos);
    CHECK(text.find("    Rounds: 3\n     Moved: 412M\n") != std::string::npos);
    CHECK(text.find(" Came back: 5M\n") != std::string::npos);
    CHECK(text.find("mrelease") == std::string::npos);
}

TEST_CASE("a kill by hand says who asked for it and why") {
    const json record = record_of({.fields = {{"REAPD_EVENT", "acted"},
                                              {"REAPD_ID", "3"},
                                              {"REAPD_REQUESTER", "user 1000"},
                                              {"REAPD_REASON", "too large"}}});
    const std::string text = show_record(record, {});
    CHECK(text.find("  Asked by: user 1000\n    Reason: too large\n") != std::string::npos);
}

TEST_CASE("a kill says by which calls its memory came back") {
    Event event = kill_event(EventKind::Completed);
    event.kill.calls = release_call::reap_kill;
    const auto joined =
        join_records({record(EventKind::Acted, 1), record_of(entry_of(event, 2, "100"))});
    CHECK(joined[0]["completed"]["release_calls"] == "mrelease-reap-kill");
    CHECK(show_record(joined[0], {}).find("\n     Calls: mrelease-reap-kill\n") !=
          std::string::npos);
}

TEST_CASE("one event is shown whole") {
    live_in_utc();
    const auto joined =
        join_records({record(EventKind::Acted, 1), record(EventKind::Completed, 2)});
    CHECK(show_record(joined[0], {}) == R"(
7: Killed /system.slice/hog.service (rule 10-machine): 31.20% full pressure over 1s on /, 6.25% of 4G memory available; 800M expected back.
      When: Thu 1970-01-01 00:00:01
    Action: kill
      Rule: 10-machine
    Cgroup: /system.slice/hog.service
  Pressure: 31.20% full over 1.0s on /; afterwards 0.12%
    Memory: 256M available, 0B of swap free
  Expected: 800M
     Ended: Thu 1970-01-01 00:00:02
    Result: /system.slice/hog.service gave back 790M of 800M within 80ms: 3 processes, signalled after 400us; pressure went from 31.20% to 0.12%.
  Released: 790M of 800M
   Timings: signalled after 400us, half of it back after 30.0ms, 95% after 80.0ms
 Processes: 3 signalled, 0 still alive at the end
  mrelease: 2 done, 1 too late, 0 to be tried again, 0 not dying, 0 refused

#  EXPECTED  SIZE  GROWTH/S  GAINED  STALL  NOTE         CGROUP
1  800M      900M  -5B       0B      -      chosen       /system.slice/hog.service
2  0B        0B    -         0B      -      passed over  /user.slice/\xff\x0a\x1b[31m "};
)" + 1);
}
