// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/repetition.hpp"

#include "catch.hpp"
#include "tell/message_ids.hpp"
#include "told.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

const TimePoint start{1h};
const Topic topic{.kind = EventKind::Acted, .rule = "r", .watched = "/", .cgroup = "/a.service"};
const Entry entry{5, "Not killed (dry run): /a.service."};

/// How many of `tries` pass at `now`.
unsigned passing(Repetition& repetition, unsigned tries, TimePoint now, const Topic& what = topic) {
    unsigned passed = 0;
    for (unsigned i = 0; i < tries; ++i)
        passed += repetition.passes(what, entry, now) ? 1U : 0U;
    return passed;
}

std::optional<Topic> topic_with(Event event) {
    static const Rule machine{.name = "machine"};
    return topic_of({.event = event, .rule = &machine, .name_of = name_of});
}

} // namespace

TEST_CASE("three alike pass within a minute, the rest are told as one when it is over") {
    Repetition repetition;
    CHECK(passing(repetition, 3, start) == 3);
    CHECK_FALSE(repetition.due());
    CHECK(passing(repetition, 12, start + 30s) == 0);
    REQUIRE(repetition.due() == start + 1min);
    CHECK(repetition.take(start + 1min - 1us).empty());

    const std::vector<Repeated> told = repetition.take(start + 1min);
    REQUIRE(told.size() == 1);
    CHECK(told[0].topic == topic);
    CHECK(told[0].count == 12);
    CHECK(told[0].period == 1min);
    CHECK(told[0].last.message() == entry.message());
    CHECK_FALSE(repetition.due());
    CHECK(repetition.take(start + 2min).empty());
}

TEST_CASE("what goes on and on is told ever more rarely, but at least every hour") {
    Repetition repetition;
    TimePoint now = start;
    CHECK(passing(repetition, 10, now) == 3);
    for (const Microseconds expected : {1min, 2min, 4min, 8min, 16min, 32min, 60min, 60min}) {
        REQUIRE(repetition.due() == now + expected);
        now += expected;
        const std::vector<Repeated> told = repetition.take(now);
        REQUIRE(told.size() == 1);
        CHECK(told[0].period == expected);
        CHECK(passing(repetition, 5, now) == 0);
    }
}

TEST_CASE("after a period without repetition everything passes anew") {
    Repetition repetition;
    CHECK(passing(repetition, 4, start) == 3);
    CHECK(repetition.take(start + 1min).size() == 1);
    CHECK(passing(repetition, 1, start + 3min - 1us) == 0);
    CHECK(repetition.take(start + 3min).size() == 1);
    CHECK(passing(repetition, 4, start + 7min) == 3);
    REQUIRE(repetition.due() == start + 8min);
}

TEST_CASE("what is held back is told once its time has come, however late that is noticed") {
    Repetition repetition;
    CHECK(passing(repetition, 5, start) == 3);
    CHECK(passing(repetition, 2, start + 10min) == 0);
    const std::vector<Repeated> told = repetition.take(start + 11min);
    REQUIRE(told.size() == 1);
    CHECK(told[0].count == 4);
}

TEST_CASE("rules, watched cgroups, victims and kinds are held back apart from each other") {
    Repetition repetition;
    CHECK(passing(repetition, 4, start) == 3);
    for (Topic other :
         {Topic{.kind = EventKind::Relieved,
                .rule = topic.rule,
                .watched = topic.watched,
                .cgroup = topic.cgroup},
          Topic{.kind = topic.kind, .rule = "s", .watched = topic.watched, .cgroup = topic.cgroup},
          Topic{.kind = topic.kind,
                .rule = topic.rule,
                .watched = "/b.slice",
                .cgroup = topic.cgroup},
          Topic{.kind = topic.kind, .rule = topic.rule, .watched = topic.watched}})
        CHECK(passing(repetition, 4, start, other) == 3);
    CHECK(repetition.take(start + 1min).size() == 5);
}

TEST_CASE("users who make many cgroups cannot fill the memory or the journal") {
    Repetition repetition;
    unsigned passed = 0;
    Topic made = topic;
    for (int i = 0; i < 10000; ++i) {
        made.cgroup = "/user.slice/" + std::to_string(i);
        passed += passing(repetition, 1, start, made);
    }
    CHECK(passed == 64 + 3);
    const std::vector<Repeated> told = repetition.take(start + 1min);
    REQUIRE(told.size() == 1);
    CHECK(told[0].count == 10000 - passed);
    CHECK(told[0].topic == Topic{.kind = topic.kind, .rule = topic.rule});

    // And those that are over make room for others.
    made.cgroup = "/system.slice/late.service";
    CHECK(passing(repetition, 4, start + 1min, made) == 3);
    CHECK(repetition.take(start + 2min).front().topic == made);
}

TEST_CASE("what was done to a process is never held back") {
    CHECK_FALSE(topic_with(kill_event(EventKind::Acted)));
    Event asked = kill_event(EventKind::Acted);
    asked.grace = 5s;
    CHECK_FALSE(topic_with(asked));
    Event ordered = kill_event(EventKind::Acted);
    ordered.order = 4;
    ordered.dry_run = true;
    CHECK_FALSE(topic_with(ordered));
    CHECK_FALSE(topic_with(kill_event(EventKind::Completed)));
}

TEST_CASE("what nothing came of is held back by rule and by name") {
    Event dry = kill_event(EventKind::Acted);
    dry.dry_run = true;
    CHECK(topic_with(dry) == Topic{.kind = EventKind::Acted,
                                   .rule = "machine",
                                   .watched = "/",
                                   .cgroup = "/system.slice/hog.service"});
    Event log = kill_event(EventKind::Acted);
    log.logged_only = true;
    CHECK(topic_with(log) == topic_with(dry));
    CHECK(topic_with(kill_event(EventKind::Stuck)) ==
          Topic{.kind = EventKind::Stuck, .rule = "machine", .watched = "/"});
    for (const EventKind kind :
         {EventKind::Unstuck, EventKind::Relieved, EventKind::TriggerLost, EventKind::GuardError})
        CHECK(topic_with(kill_event(kind)));
}

TEST_CASE("what was held back is one entry with the number, under the same unit") {
    const std::string wire =
        repeated_entry({.topic = topic, .count = 12, .period = 1min, .last = entry}).wire();
    CHECK(wire.starts_with("MESSAGE=12 more like this within 1min: Not killed (dry run): "
                           "/a.service.\nPRIORITY=5\n"));
    CHECK(wire.find("\nMESSAGE_ID=" + std::string{message_id::repeated} + "\n") !=
          std::string::npos);
    CHECK(wire.find("\nREAPD_EVENT=repeated\nREAPD_COUNT=12\nREAPD_RULE=r\nREAPD_WATCHED=/\n"
                    "REAPD_CGROUP=/a.service\n") != std::string::npos);
}

TEST_CASE("cooling may come and go for hours, so it is held back like what nothing came of") {
    for (const EventKind kind : {EventKind::Acted, EventKind::Completed}) {
        const Event cooling = cooling_event(kind);
        CHECK(topic_of({.event = cooling, .name_of = name_of}));
        const Event kill = kill_event(kind);
        CHECK_FALSE(topic_of({.event = kill, .name_of = name_of}));
    }
}
