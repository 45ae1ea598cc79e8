// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/ledger.hpp"

#include "catch.hpp"

using namespace reapd;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t alice = 1000;
constexpr std::uint32_t bob = 1001;

ManagedEntry swap(std::string path, bool kill = true) {
    return {.path = std::move(path), .property = ManagedProperty::Swap, .kill = kill};
}

ManagedEntry pressure(std::string path, std::optional<Permyriad> limit,
                      std::optional<Microseconds> duration = {}) {
    return {.path = std::move(path),
            .property = ManagedProperty::Pressure,
            .kill = true,
            .limit = limit,
            .duration = duration};
}

ManagedEntry no_pressure(std::string path) {
    return {.path = std::move(path), .property = ManagedProperty::Pressure};
}

std::size_t apply(Ledger& ledger, ConnectionId id, std::uint32_t uid,
                  const std::vector<ManagedEntry>& entries) {
    return ledger.apply(id, uid, entries);
}

using Claims = std::vector<Claim>;

} // namespace

TEST_CASE("properties of one cgroup add up to one claim") {
    Ledger ledger{32};
    apply(ledger, 1, alice, {pressure("a", Permyriad{4000}, 2s)});
    apply(ledger, 1, alice,
          {swap("a"),
           {.path = "a", .property = ManagedProperty::Rules, .kill = true, .rules = {"r"}}});
    CHECK(ledger.claims() == Claims{{.uid = alice,
                                     .path = "a",
                                     .unit = {.swap = true,
                                              .pressure = true,
                                              .limit = Permyriad{4000},
                                              .duration = 2s,
                                              .rules = {"r"}}}});
}

TEST_CASE("a later entry replaces an earlier one of its property alone") {
    Ledger ledger{32};
    apply(ledger, 1, alice, {swap("a"), pressure("a", Permyriad{4000}, 2s)});
    apply(ledger, 1, alice, {pressure("a", std::nullopt)});
    CHECK(ledger.claims() ==
          Claims{{.uid = alice, .path = "a", .unit = {.swap = true, .pressure = true}}});
    apply(ledger, 1, alice, {pressure("a", Permyriad{1}), no_pressure("a")});
    CHECK(ledger.claims() == Claims{{.uid = alice, .path = "a", .unit = {.swap = true}}});
}

TEST_CASE("a cgroup for which nothing is asked any more is no claim") {
    Ledger ledger{32};
    apply(ledger, 1, alice, {swap("a"), swap("b")});
    apply(ledger, 1, alice, {swap("a", false), no_pressure("a"), swap("never", false)});
    CHECK(ledger.claims() == Claims{{.uid = alice, .path = "b", .unit = {.swap = true}}});
}

TEST_CASE("claims go with the connection over which they came") {
    Ledger ledger{32};
    apply(ledger, 1, alice, {swap("a")});
    apply(ledger, 2, bob, {swap("a"), swap("b")});
    ledger.forget(2);
    ledger.forget(7);
    CHECK(ledger.claims() == Claims{{.uid = alice, .path = "a", .unit = {.swap = true}}});
}

TEST_CASE("what one connection said is not changed over another") {
    Ledger ledger{32};
    apply(ledger, 1, alice, {swap("a")});
    apply(ledger, 2, bob, {swap("a", false)});
    CHECK(ledger.claims().size() == 1);
}

TEST_CASE("a user has so many claims over all connections, and what it has can be changed") {
    Ledger ledger{3};
    CHECK(apply(ledger, 1, alice, {swap("a"), swap("b")}) == 0);
    CHECK(apply(ledger, 2, alice, {swap("c"), swap("d"), swap("e")}) == 2);
    CHECK(apply(ledger, 3, bob, {swap("a"), swap("b"), swap("c")}) == 0);
    CHECK(apply(ledger, 1, alice, {pressure("a", std::nullopt)}) == 0);
    CHECK(ledger.claims().size() == 6);
    CHECK(apply(ledger, 1, alice, {swap("b", false), swap("d")}) == 0);
    CHECK(apply(ledger, 1, alice, {swap("e")}) == 1);
}

TEST_CASE("user 0 may claim any number") {
    Ledger ledger{1};
    CHECK(apply(ledger, 1, 0, {swap("a"), swap("b"), swap("c")}) == 0);
    CHECK(ledger.claims().size() == 3);
}
