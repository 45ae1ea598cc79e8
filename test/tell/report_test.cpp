// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/release_calls.hpp"
#include "catch.hpp"
#include "tell/message_ids.hpp"
#include "tell/order_entries.hpp"
#include "told.hpp"

#include <nlohmann/json.hpp>

using namespace reapd;
using namespace reapd::test;

namespace {

const Rule machine{.name = "machine"};

std::string said(const Event& event, const Rule* rule = &machine) {
    return sentence({.event = event, .rule = rule, .name_of = name_of});
}

std::string wire(const Event& event, const Rule* rule = &machine) {
    return journal_entry({.event = event, .rule = rule, .name_of = name_of}).wire();
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// The value of a field that has no newline in it.
std::string value(const std::string& wire, std::string_view name) {
    const std::string key = "\n" + std::string{name} + "=";
    const std::size_t at = wire.find(key);
    if (at == std::string::npos)
        return "(none)";
    const std::size_t begin = at + key.size();
    return wire.substr(begin, wire.find('\n', begin) - begin);
}

} // namespace

TEST_CASE("a kill is one sentence with victim, rule and numbers") {
    CHECK(said(kill_event(EventKind::Acted)) ==
          "Killed /system.slice/hog.service (rule machine): 31.20% full pressure over 1s on /, "
          "6.25% of 4G memory available; 800M expected back.");
}

TEST_CASE("a victim that has time to end is not said to be killed") {
    Event event = kill_event(EventKind::Acted);
    event.grace = std::chrono::seconds{5};
    CHECK(said(event) == "Asked /system.slice/hog.service to end (rule machine): 31.20% full "
                         "pressure over 1s on /, 6.25% of 4G memory available; SIGKILL in 5s.");
    CHECK(action_text(event) == "terminate");
}

TEST_CASE("a freeze says that nobody died, for how long it is, and what comes then") {
    Event event = kill_event(EventKind::Acted);
    event.means = Action::Freeze;
    event.frozen_for = std::chrono::minutes{5};
    CHECK(said(event) ==
          "Froze /system.slice/hog.service (rule machine): 31.20% full pressure over 1s on /, "
          "6.25% of 4G memory available; 800M to be paged out; to be thawed in 5min.");
    CHECK(action_text(event) == "freeze");
    CHECK(value(wire(event), "REAPD_ACTION") == "freeze");
    event.then = FreezeThen::Kill;
    CHECK(has(said(event), "; to be killed in 5min."));
    event.dry_run = true;
    CHECK(said(event).starts_with("Not frozen (dry run): "));
    CHECK(action_text(event) == "dry-run");
}

TEST_CASE("the end of a freeze says how much was paged out and whether it helped") {
    Event event = kill_event(EventKind::Completed);
    event.means = Action::Freeze;
    event.kill.until_signal = std::chrono::milliseconds{20};
    CHECK(said(event) == "/system.slice/hog.service stood still after 20ms; 790M of 800M paged "
                         "out; pressure went from 31.20% to 0.12%.");
    CHECK(value(wire(event), "REAPD_BYTES_RELEASED") == std::to_string(mib(790).value));
    CHECK(value(wire(event), "REAPD_MRELEASE_OK") == "(none)");
    event.useless = true;
    CHECK(said(event).ends_with("to 0.12%. That was useless."));
    event.kill.until_signal = {};
    CHECK(said(event).starts_with("Not all of /system.slice/hog.service stands still; 790M"));
    event.error_code = EALREADY;
    CHECK(said(event).starts_with("/system.slice/hog.service could not be frozen: "));
}

TEST_CASE("who is frozen no more is told with who wanted that") {
    Event event{.kind = EventKind::FreezeOver, .action = 9, .watched = {1}, .victim = {2}};
    event.frozen_for = std::chrono::milliseconds{300'040};
    CHECK(said(event) == "Thawed /system.slice/hog.service (rule machine): it had stood frozen for "
                         "5min.");
    CHECK(value(wire(event), "REAPD_EVENT") == "thawed");
    CHECK(value(wire(event), "REAPD_ACTION") == "thaw");
    CHECK(value(wire(event), "OBJECT_SYSTEMD_UNIT") == "hog.service");
    event.order = 3;
    CHECK(sentence({.event = event, .name_of = name_of, .requester = "user 1000"}) ==
          "Thawed /system.slice/hog.service, as user 1000 asked.");
}

TEST_CASE("who is killed for having stood frozen is told with that") {
    Event event = kill_event(EventKind::Acted);
    event.was_frozen = true;
    event.frozen_for = std::chrono::minutes{1};
    CHECK(said(event) == "Killed /system.slice/hog.service (rule machine): it had stood frozen for "
                         "1min; 800M expected back.");
    CHECK(action_text(event) == "kill");
}

TEST_CASE("where nobody can be frozen any more it is not as bad as where nobody may die") {
    Event event = kill_event(EventKind::Stuck);
    event.means = Action::Freeze;
    event.stuck = StuckReason::NoCandidate;
    CHECK(has(said(event), "but nothing below / that can still be frozen would help."));
    CHECK(value("\n" + wire(event), "PRIORITY") == "5");
    event.means = Action::Kill;
    CHECK(value("\n" + wire(event), "PRIORITY") == "3");
}

TEST_CASE("a kill says what spoke against its victim") {
    Event event = kill_event(EventKind::Acted);
    event.ranking_used = 1;
    event.ranking[0] = {.cgroup = event.victim,
                        .growth = 240 << 20,
                        .growth_known = true,
                        .stall = Permyriad{3500},
                        .preference = 1};
    CHECK(has(said(event), "; preferred, grew by 240M a second, stood still 35.00% of the time, "
                           "800M expected back."));
    event.ranking[0].gained = mib(500);
    CHECK(has(said(event), "grew by 240M a second and 500M in the last minute, stood still"));
    event.ranking[0] = {.cgroup = event.victim, .growth_known = true, .gained = mib(500)};
    CHECK(has(said(event), "memory available; grew by 500M in the last minute, 800M expected"));
    event.ranking[0] = {.cgroup = event.victim, .growth = -5, .growth_known = true};
    CHECK(has(said(event), "memory available; 800M expected back."));
    event.ranking[0] = {.cgroup = event.victim, .preference = -1};
    CHECK(has(said(event), "; to avoid but the only one, 800M"));
}

TEST_CASE("a kill says what its rule orders by") {
    Event event = kill_event(EventKind::Acted);
    event.ranking[0].swap = mib(300);
    event.ranking[0].scan_rate = 1200;
    event.ranking[0].refault_rate = 70;
    const Rule rule{.name = "r",
                    .victim = {.order = {Order::Swap, Order::Reclaim, Order::Refaults}}};
    CHECK_THAT(said(event, &rule),
               contains_text("; 300M in swap, 1200 of its pages a second looked at for reclaim, "
                             "70 pages a second read again, 800M expected back."));
    CHECK_THAT(said(event), contains_text("; 800M expected back."));
    const auto candidates = nlohmann::json::parse(value(wire(event), field::candidates));
    CHECK(candidates[0]["swap"] == 300 << 20);
    CHECK(candidates[0]["scans"] == 1200);
    CHECK(candidates[0]["refaults"] == 70);
    CHECK_FALSE(candidates[1].contains("scans"));
}

TEST_CASE("a kill that was not done never reads like one that was") {
    Event event = kill_event(EventKind::Acted);
    event.dry_run = true;
    CHECK(said(event).starts_with("Not killed (dry run): /system.slice/hog.service (rule"));
    CHECK(value(wire(event), field::action) == "dry-run");
    CHECK(value(wire(event), field::message_id) == message_id::not_killed);
    event.logged_only = true;
    CHECK(said(event).starts_with("Not killed (Do=log): "));
    CHECK(value(wire(event), field::action) == "log");
}

TEST_CASE("what a kill gave is one sentence") {
    Event event = kill_event(EventKind::Completed);
    CHECK(said(event) ==
          "/system.slice/hog.service gave back 790M of 800M within 80ms: 3 processes, signalled "
          "after 400us; pressure went from 31.20% to 0.12%.");
    event.kill.processes = 1;
    event.kill.survivors = 1;
    event.until_released = {};
    event.useless = true;
    CHECK(said(event) ==
          "/system.slice/hog.service gave back 790M of 800M: 1 process, signalled after 400us; "
          "1 process still lives; pressure went from 31.20% to 0.12%. The kill was useless.");
}

TEST_CASE("not acting under pressure is explained") {
    Event event = kill_event(EventKind::Stuck);
    CHECK_THAT(said(event), contains_text("but of 2 candidates none may be killed, not even " +
                                          name_of({3}) + " with 0B."));
    event.ranking[1].exempt = false;
    CHECK_THAT(said(event), contains_text("but of 2 candidates none may be killed."));
    CHECK(value(wire(event), field::reason) == "all-protected");
    for (const StuckReason reason :
         {StuckReason::None, StuckReason::NoCandidate, StuckReason::Useless, StuckReason::Failed}) {
        event.stuck = reason;
        CHECK(said(event).starts_with("Stuck (rule machine): 31.20% full pressure over 1s on /"));
    }
    CHECK(said(kill_event(EventKind::Relieved)) ==
          "Spared /system.slice/hog.service (rule machine): 31.20% full pressure over 1s on /, "
          "but it was gone before the kill.");
}

TEST_CASE("a rule that looks at amounts alone tells of no pressure") {
    Event event = kill_event(EventKind::Acted);
    event.window = {};
    CHECK(said(event) == "Killed /system.slice/hog.service (rule machine): 6.25% of 4G memory "
                         "available; 800M expected back.");
    event = kill_event(EventKind::Completed);
    event.window = {};
    CHECK(said(event).ends_with("signalled after 400us."));
    event = kill_event(EventKind::Relieved);
    event.window = {};
    CHECK(said(event) ==
          "Spared /system.slice/hog.service (rule machine): memory is available again.");
}

TEST_CASE("every kind of event has a sentence, also when its rule and names are gone") {
    for (const EventKind kind :
         {EventKind::Armed, EventKind::Disarmed, EventKind::Acted, EventKind::Completed,
          EventKind::Stuck, EventKind::Unstuck, EventKind::Relieved, EventKind::TriggerLost,
          EventKind::HeldUp, EventKind::GuardError}) {
        Event event{.kind = kind};
        CHECK_FALSE(said(event, nullptr).empty());
        CHECK(value(wire(event, nullptr), field::event) != "(none)");
    }
}

TEST_CASE("what the kernel holds up is told with its cgroup and rule, and what waits for it") {
    Event event = kill_event(EventKind::HeldUp);
    event.means = Action::Freeze;
    CHECK(said(event).starts_with("To freeze /system.slice/hog.service (rule machine) has taken"));
    CHECK(said(event).ends_with("nothing else is frozen."));
    CHECK(value(wire(event), field::rule) == "machine");
    CHECK(value(wire(event), field::cgroup) == "/system.slice/hog.service");
    CHECK(value(wire(event), field::action) == "freeze");
    event.means = Action::Reclaim;
    CHECK(said(event).starts_with("To cool /system.slice/hog.service"));
    CHECK(said(event).ends_with("nothing else is cooled or frozen."));
    CHECK(value(wire(event), field::action) == "reclaim");
}

TEST_CASE("a process is named with its number, its name and its cgroup") {
    Event event = kill_event(EventKind::Acted);
    event.victim_pid = 1234;
    event.victim_name = {'a', '\n', '\xff', 'b'};
    CHECK(said(event).starts_with(
        R"(Killed process 1234 (a\x0a\xffb) in /system.slice/hog.service (rule)"));
    CHECK(value(wire(event), field::pid) == "1234");
    event.victim_name.fill('x'); // without a NUL
    CHECK(has(said(event), "(xxxxxxxxxxxxxxxx)"));
}

TEST_CASE("the journal entry of a kill has the fields people search for") {
    const std::string entry = wire(kill_event(EventKind::Acted));
    CHECK(value(entry, field::message_id) == message_id::killed);
    CHECK(value(entry, field::event) == "acted");
    CHECK(value(entry, field::rule) == "machine");
    CHECK(value(entry, field::id) == "7");
    CHECK(value(entry, field::cgroup) == "/system.slice/hog.service");
    CHECK(value(entry, field::object_unit) == "hog.service");
    CHECK(value(entry, field::object_user_unit) == "(none)");
    CHECK(value(entry, field::watched) == "/");
    CHECK(value(entry, field::pressure) == "31.20");
    CHECK(value(entry, field::window) == "1000000");
    CHECK(value(entry, field::bytes_before) == "838860800");
    CHECK(value(entry, field::processes) == "(none)");

    const auto ranking = nlohmann::json::parse(value(entry, field::candidates));
    REQUIRE(ranking.size() == 2);
    CHECK(ranking[0]["cgroup"] == "/system.slice/hog.service");
    CHECK(ranking[0]["growth"] == -5);
    CHECK(ranking[0]["gained"] == 0);
    CHECK(ranking[1]["growth"].is_null());
    CHECK(ranking[1]["pid"] == 42);
    CHECK(ranking[1]["cgroup"] == name_of({3}));
}

TEST_CASE("the journal entry of a release has every count") {
    const std::string entry = wire(kill_event(EventKind::Completed));
    CHECK(value(entry, field::message_id) == message_id::completed);
    CHECK(value(entry, field::processes) == "3");
    CHECK(value(entry, field::bytes_released) == "828375040");
    CHECK(value(entry, field::signal) == "400");
    CHECK(value(entry, field::half) == "30000");
    CHECK(value(entry, field::release) == "80000");
    CHECK(value(entry, field::mrelease_ok) == "2");
    CHECK(value(entry, field::mrelease_esrch) == "1");
    CHECK(value(entry, field::mrelease_eagain) == "0");
    CHECK(value(entry, field::mrelease_einval) == "0");
}

TEST_CASE("the journal entry of a release names the calls by the names of the features") {
    Event event = kill_event(EventKind::Completed);
    CHECK(value(wire(event), field::release_calls) == "(none)");
    event.kill.calls = release_call::whole | release_call::reap_kill;
    CHECK(value(wire(event), field::release_calls) == "mrelease-reap-kill mrelease");
    event.kill.calls = release_call::bounded | release_call::expedite;
    CHECK(value(wire(event), field::release_calls) == "kill-expedite mrelease-bounded");
}

TEST_CASE("a name cannot add a field to an entry or a unit to blame") {
    const Rule rule{.name = "a\nMESSAGE=b"};
    const std::string entry = wire(kill_event(EventKind::Acted, {3}), &rule);
    CHECK(value(entry, field::cgroup) == name_of({3}));
    CHECK(value(entry, field::rule) == R"(a\x0aMESSAGE=b)");
    CHECK(value(entry, field::object_unit) == "user.slice");
    CHECK_FALSE(has(entry, "\nMESSAGE="));
}

TEST_CASE("a ranking longer than an event can hold is cut, not read beyond") {
    Event event = kill_event(EventKind::Acted);
    event.ranking_used = 1000;
    CHECK(nlohmann::json::parse(value(wire(event), field::candidates)).size() == ranked_shown);
}

TEST_CASE("a kill that a person asked for names him and the reason, and no rule") {
    Event event = kill_event(EventKind::Acted);
    event.order = 4;
    event.rule = no_rule;
    const Told told{.event = event,
                    .name_of = name_of,
                    .requester = "user 0 (process 9)",
                    .reason = "it is in the way"};
    CHECK(sentence(told) == "Killed /system.slice/hog.service, as user 0 (process 9) asked: it is "
                            "in the way; 800M expected back.");
    const std::string entry = journal_entry(told).wire();
    CHECK(value(entry, "MESSAGE_ID") == message_id::ordered);
    CHECK(value(entry, "REAPD_REQUESTER") == "user 0 (process 9)");
    CHECK(value(entry, "REAPD_REASON") == "it is in the way");
    CHECK(value(entry, "REAPD_RULE") == "(none)");
    CHECK(value(entry, "REAPD_WATCHED") == "(none)");
}

TEST_CASE("what else a person ordered is told with his number, of a unit's cgroup in its journal") {
    const Entry frozen = frozen_entry("/system.slice/a.service", true, {.uid = 1000, .pid = 9});
    CHECK(frozen.message() == "Froze /system.slice/a.service, as user 1000 (process 9) asked.");
    CHECK(value(frozen.wire(), "OBJECT_SYSTEMD_UNIT") == "a.service");
    CHECK(value(frozen.wire(), "REAPD_REQUESTER") == "user 1000 (process 9)");
    CHECK(value(frozen_entry("/a", false, {}).wire(), "REAPD_EVENT") == "thawed");
    const Requester root{.pid = 7};
    CHECK(reloaded_entry(3, root).message() ==
          "Settings reloaded, as user 0 (process 7) asked: 3 rules.");
    CHECK(reloaded_entry(3, {}).message() == "Settings reloaded: 3 rules.");
}

TEST_CASE("a rule by amounts tells the amounts that it asks for, and no pressure") {
    Event event = kill_event(EventKind::Acted);
    event.window = {};
    event.current = mib(1536);
    event.growth = std::int64_t{30} << 20;
    event.refaults = 500;
    const Rule rule{.name = "tight"};
    const Told told{.event = event, .rule = &rule, .name_of = name_of};
    CHECK(sentence(told) ==
          "Killed /system.slice/hog.service (rule tight): 1.5G in /, 30M a second more in /, 500 "
          "pages a second read again in /, 6.25% of 4G memory available; 800M expected back.");
    const std::string entry = journal_entry(told).wire();
    CHECK(value(entry, field::pressure) == "(none)");
    CHECK(value(entry, field::window) == "(none)");
    event.kind = EventKind::Stuck;
    event.stuck = StuckReason::NoCandidate;
    CHECK(sentence(told).ends_with("but nothing below / that may die would help."));
}

TEST_CASE("what a user reads of a kill is what it was: a rule's, a person's, or only SIGTERM") {
    const auto name = [](CgroupId) -> std::string {
        return "/user.slice/user-1000.slice/session-3.scope";
    };
    const auto entry_of = [&](const Event& event) {
        const auto entry = entry_for_user({.event = event,
                                           .name_of = name,
                                           .requester = "user 0 (process 9)",
                                           .reason = "it is in the way"});
        REQUIRE(entry);
        return entry->entry.wire();
    };
    Event event = kill_event(EventKind::Acted);
    CHECK(value(entry_of(event), field::message_id) == message_id::told_user);
    event.grace = std::chrono::seconds{5};
    CHECK(value(entry_of(event), field::message_id) == message_id::told_user_asked);
    event.grace = {};
    event.order = 4;
    const std::string ordered = entry_of(event);
    CHECK(value(ordered, field::message_id) == message_id::told_user_ordered);
    CHECK(value(ordered, field::requester) == "user 0 (process 9)");
    CHECK(value(ordered, field::reason) == "it is in the way");
    CHECK(value(ordered, field::rule) == "(none)");
}

TEST_CASE("a user is told of what was done to a program of its own, and not what others run") {
    const auto name = [](CgroupId id) -> std::string {
        constexpr const char* app =
            "/user.slice/user-1000.slice/user@1000.service/app.slice/a.scope";
        return id.value == 1 ? "/" : id.value == 2 ? app : "/system.slice/secret.service";
    };
    Event event = kill_event(EventKind::Acted);
    const auto copy = entry_for_user({.event = event, .rule = &machine, .name_of = name});
    REQUIRE(copy);
    CHECK(copy->user == 1000);
    const std::string entry = copy->entry.wire();
    CHECK(value(entry, field::message_id) == message_id::told_user);
    CHECK(value(entry, field::event) == "told-user");
    CHECK(value(entry, field::rule) == "machine");
    CHECK(value(entry, field::id) == "7");
    CHECK(value(entry, field::object_unit) == "user@1000.service");
    CHECK(value(entry, field::object_user_unit) == "a.scope");
    CHECK(has(entry, "Killed /user.slice/user-1000.slice/"));
    CHECK_FALSE(has(entry, "secret"));

    CHECK_FALSE(entry_for_user({.event = event, .rule = &machine, .name_of = name_of}));
    for (const EventKind kind : {EventKind::Completed, EventKind::Relieved, EventKind::Stuck})
        CHECK_FALSE(entry_for_user({.event = kill_event(kind), .rule = &machine, .name_of = name}));
    event.dry_run = true;
    CHECK_FALSE(entry_for_user({.event = event, .rule = &machine, .name_of = name}));
}

TEST_CASE("root reads the system's journal and is not told twice") {
    const Event event = kill_event(EventKind::Acted);
    CHECK_FALSE(entry_for_user({.event = event, .rule = &machine, .name_of = [](CgroupId) {
                                    return "/user.slice/user-0.slice/session-1.scope";
                                }}));
}

TEST_CASE("cooling never reads like a kill, and its end says what it took and what it cost") {
    const auto tell = [](const Event& event) {
        return sentence({.event = event, .rule = &machine, .name_of = name_of});
    };
    CHECK(tell(cooling_event(EventKind::Acted)) ==
          "Hints about /system.slice/hog.service (rule machine): 31.20% full pressure over 1s on "
          "/, 6.25% of 4G memory available; at most 256M a round.");
    CHECK(tell(cooling_event(EventKind::Acted, Action::Reclaim))
              .starts_with("Reclaims from /system.slice/hog.service (rule machine): "));
    Event dry = cooling_event(EventKind::Acted);
    dry.dry_run = true;
    CHECK(tell(dry).starts_with("Not cooled (dry run): /system.slice/hog.service"));
    Event end = cooling_event(EventKind::Completed);
    CHECK(tell(end) == "Took 412M from /system.slice/hog.service in 3 rounds; 5M came back, for "
                       "which it waited 3ms.");
    end.cooled = {.rounds = 1, .marked = mib(30), .refused = 2, .error = ENOMEM};
    CHECK(tell(end) == "Took 0B from /system.slice/hog.service in 1 round and called 30M of its "
                       "mappings cold; nothing came back; 2 processes are not for reapd to touch; "
                       "it failed: Cannot allocate memory.");
}

TEST_CASE("the entries of cooling have their own ids and numbers, and are no user's business") {
    const Event begin = cooling_event(EventKind::Acted, Action::Reclaim);
    const std::string begun =
        journal_entry({.event = begin, .rule = &machine, .name_of = name_of}).wire();
    CHECK(value(begun, field::message_id) == message_id::cooling);
    CHECK(value(begun, field::action) == "reclaim");
    CHECK(value(begun, field::id) == "7");
    const Event end = cooling_event(EventKind::Completed);
    const std::string ended =
        journal_entry({.event = end, .rule = &machine, .name_of = name_of}).wire();
    CHECK(value(ended, field::message_id) == message_id::cooled);
    CHECK(value(ended, field::action) == "hint");
    CHECK(value(ended, field::rounds) == "3");
    CHECK(value(ended, field::bytes_released) == std::to_string(mib(412).value));
    CHECK(value(ended, field::bytes_back) == std::to_string(mib(5).value));
    CHECK(value(ended, field::stall) == "3000");
    CHECK_FALSE(has(ended, "MRELEASE"));
    CHECK_FALSE(entry_for_user({.event = begin, .rule = &machine, .name_of = [](CgroupId) {
                                    return "/user.slice/user-1000.slice/session-3.scope";
                                }}));
}
