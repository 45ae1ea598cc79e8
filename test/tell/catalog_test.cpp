// SPDX-License-Identifier: LGPL-2.1-or-later
// What journalctl -x prints, from the catalog and from the entries as they are sent.
#include "catch.hpp"
#include "tell/message_ids.hpp"
#include "tell/order_entries.hpp"
#include "tell/repetition.hpp"
#include "tell/rivals.hpp"
#include "told.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

using namespace reapd;

namespace {

struct Explanation {
    std::map<std::string, std::string> head{}; ///< "Subject" and so on
    std::string body{};
};

/// The catalog by message id, read as journalctl reads it.
std::map<std::string, Explanation> read_catalog() {
    std::ifstream file{SOURCE_ROOT "/units/reapd.catalog"};
    REQUIRE(file);
    std::map<std::string, Explanation> all;
    Explanation* current = nullptr;
    bool in_head = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("-- ")) {
            REQUIRE_FALSE(all.contains(line.substr(3)));
            current = &all[line.substr(3)];
            in_head = true;
        } else if (current && in_head && !line.empty()) {
            const std::size_t colon = line.find(": ");
            REQUIRE(colon != std::string::npos);
            current->head[line.substr(0, colon)] = line.substr(colon + 2);
        } else if (current) {
            in_head = false;
            current->body += line + '\n';
        }
    }
    return all;
}

std::string told_wire(const Event& event) {
    static const Rule machine{.name = "machine"};
    return journal_entry({.event = event, .rule = &machine, .name_of = name_of}).wire();
}

/// An entry for each message id whose entries have fields of ours.
std::vector<std::string> sent_entries() {
    Event asked = kill_event(EventKind::Acted);
    asked.grace = std::chrono::seconds{5};
    Event ordered = kill_event(EventKind::Acted);
    ordered.order = 1;
    Event dry = kill_event(EventKind::Acted);
    dry.dry_run = true;
    std::vector<std::string> wires{told_wire(asked),
                                   told_wire(dry),
                                   told_wire(ordered),
                                   frozen_entry("/a.service", true, {}).wire(),
                                   frozen_entry("/a.service", false, {}).wire(),
                                   left_frozen_entry("/a.service").wire(),
                                   reloaded_entry(1, {}).wire()};
    for (const EventKind kind : {EventKind::Acted, EventKind::Completed, EventKind::Stuck}) {
        Event frozen = kill_event(kind);
        frozen.means = Action::Freeze;
        wires.push_back(told_wire(frozen));
    }
    Event killed_frozen = kill_event(EventKind::Acted);
    killed_frozen.was_frozen = true;
    wires.push_back(told_wire(killed_frozen));
    for (const EventKind kind :
         {EventKind::Acted, EventKind::Completed, EventKind::Stuck, EventKind::FreezeOver,
          EventKind::Unstuck, EventKind::Relieved, EventKind::HeldUp, EventKind::GuardError})
        wires.push_back(told_wire(kill_event(kind)));
    for (const EventKind kind : {EventKind::Acted, EventKind::Completed}) {
        Event cooling = kill_event(kind);
        cooling.means = Action::Hint;
        wires.push_back(told_wire(cooling));
    }
    wires.push_back(rival_entry(systemd_oomd, RivalNews::Came).wire());
    wires.push_back(rival_entry(systemd_oomd, RivalNews::Went).wire());
    wires.push_back(lost_entry(3).wire());
    wires.push_back(repeated_entry({.topic = {.rule = "r", .watched = "/", .cgroup = "/a.service"},
                                    .count = 12,
                                    .period = std::chrono::minutes{1},
                                    .last = Entry{5, "Not killed."}})
                        .wire());
    Event froze = kill_event(EventKind::Acted);
    froze.means = Action::Freeze;
    for (const Event& acted : {kill_event(EventKind::Acted), asked, ordered, froze}) {
        const auto users = entry_for_user({.event = acted, .name_of = [](CgroupId) {
                                               return "/user.slice/user-1000.slice/session-3.scope";
                                           }});
        REQUIRE(users);
        wires.push_back(users->entry.wire());
    }
    return wires;
}

bool sends(const std::string& wire, const std::string& name) {
    return wire.find('\n' + name + '=') != std::string::npos;
}

/// The fields that a text asks journalctl to put in: @NAME@.
std::vector<std::string> references(const std::string& text) {
    std::vector<std::string> found;
    for (std::size_t at = 0; (at = text.find('@', at)) != std::string::npos; ++at) {
        const std::size_t end = text.find('@', at + 1);
        REQUIRE(end != std::string::npos);
        found.push_back(text.substr(at + 1, end - at - 1));
        at = end;
    }
    return found;
}

} // namespace

TEST_CASE("every message id is explained, and nothing else is") {
    const auto catalog = read_catalog();
    CHECK(catalog.size() == message_id::all.size());
    for (const std::string_view id : message_id::all) {
        CAPTURE(id);
        CHECK(catalog.contains(std::string{id}));
    }
}

TEST_CASE("an explanation says what happened and, apart from it, what to do") {
    for (const auto& [id, explanation] : read_catalog()) {
        CAPTURE(id);
        for (const char* const name : {"Subject", "Defined-By", "Support", "Documentation"})
            CHECK(explanation.head.contains(name));
        const std::size_t begin = explanation.body.find_first_not_of('\n');
        REQUIRE(begin != std::string::npos);
        CHECK(explanation.body.find("\n\n", begin) < explanation.body.find_last_not_of('\n'));
        std::istringstream lines{explanation.body};
        for (std::string line; std::getline(lines, line);)
            CHECK(line.size() <= 76); // journalctl puts three characters before it
    }
}

TEST_CASE("the fields that an explanation quotes are sent in its entries") {
    const auto catalog = read_catalog();
    const std::vector<std::string> wires = sent_entries();
    for (const auto& [id, explanation] : catalog) {
        CAPTURE(id);
        const auto wire = std::ranges::find_if(wires, [&id = id](const std::string& sent) {
            return sends(sent, "MESSAGE_ID") && sent.find("MESSAGE_ID=" + id) != std::string::npos;
        });
        const auto subject = explanation.head.find("Subject");
        REQUIRE(subject != explanation.head.end());
        for (const std::string& name : references(subject->second + '\n' + explanation.body)) {
            CAPTURE(name);
            REQUIRE(wire != wires.end());
            CHECK(sends(*wire, name));
        }
    }
}
