// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/bulletin.hpp"

#include "catch.hpp"

using namespace reapd;

namespace {

const Kill kill_of_firefox{.cgroup = "/x",
                           .rule = "10-machine",
                           .pressure = {3120},
                           .has_pressure = true,
                           .expected = mib(800)};

} // namespace

TEST_CASE("a person reads what was closed, why, and what it gives") {
    CHECK(bulletin_of(kill_of_firefox, "Firefox") ==
          Bulletin{.title = "Firefox was closed to free memory",
                   .body = "Memory had run so short that work stood still 31% of the time. 800M of "
                           "memory should come back.\nIt did not crash; what was not saved is "
                           "lost.\nRule: 10-machine"});
}

TEST_CASE("a person reads what was stopped, that nothing is lost, and is asked") {
    Freeze freeze{.cgroup = "/x",
                  .rule = "10-freeze",
                  .pressure = {3120},
                  .has_pressure = true,
                  .longest = std::chrono::minutes{5}};
    CHECK(bulletin_of(freeze, "Firefox") ==
          Bulletin{.title = "Firefox was stopped to free memory",
                   .body = "Memory had run so short that work stood still 31% of the time. Nothing "
                           "of it is lost: close what you do not need, and let it go on. In 5min "
                           "it goes on by itself.\nRule: 10-freeze",
                   .asks = true});
    freeze.paged_out = mib(600);
    CHECK(bulletin_of(freeze, "Firefox").body.find("600M of it is in swap.") != std::string::npos);
    freeze.killed_then = true;
    CHECK(bulletin_of(freeze, "Firefox").body.find("In 5min it is closed.") != std::string::npos);
    freeze.has_pressure = false;
    CHECK(bulletin_of(freeze, "<b>").body.starts_with("Memory had run short. "));
}

TEST_CASE("when it is known what came back, that is said instead") {
    Kill kill = kill_of_firefox;
    kill.released = mib(790);
    CHECK(bulletin_of(kill, "Firefox").body.find("790M of memory came back.") != std::string::npos);
    CHECK(bulletin_of(kill, "Firefox").body.find("800M") == std::string::npos);
}

TEST_CASE("a rule that looks at amounts alone gives no share of time") {
    Kill kill = kill_of_firefox;
    kill.has_pressure = false;
    CHECK(bulletin_of(kill, "Firefox").body.starts_with("Memory had run short. 800M"));
}

TEST_CASE("who is asked to end is not said to be closed before it is") {
    Kill kill = kill_of_firefox;
    kill.asked = true;
    const Bulletin first = bulletin_of(kill, "Firefox");
    CHECK(first.title == "Firefox was asked to close to free memory");
    CHECK(first.body.find("a moment to save") != std::string::npos);
    kill.released = mib(790);
    const Bulletin then = bulletin_of(kill, "Firefox");
    CHECK(then.title == "Firefox was closed to free memory");
    CHECK(then.body.find("lost") == std::string::npos);
}

TEST_CASE("of a kill by hand a person reads who ordered it and why, and no rule") {
    Kill kill = kill_of_firefox;
    kill.rule.clear();
    kill.requester = "user 0 (process 9)";
    kill.reason = "it is <in> the way";
    const Bulletin made = bulletin_of(kill, "Firefox");
    CHECK(made.title == "Firefox was closed");
    CHECK(made.body.starts_with("user 0 (process 9) asked for it: it is &lt;in&gt; the way. 800M"));
    CHECK(made.body.find("Rule") == std::string::npos);
    kill.reason.clear();
    CHECK(bulletin_of(kill, "Firefox").body.find("no reason given.") != std::string::npos);
}

TEST_CASE("a name can neither write markup nor control characters") {
    Kill kill = kill_of_firefox;
    kill.rule = "a<b>&c";
    const Bulletin made = bulletin_of(kill, "\x1b[31mevil\n\xff");
    CHECK(made.title == R"(\x1b[31mevil\x0a\xff was closed to free memory)");
    CHECK(made.body.ends_with("Rule: a&lt;b&gt;&amp;c"));
}
