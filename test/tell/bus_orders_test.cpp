// SPDX-License-Identifier: LGPL-2.1-or-later

/// Orders over the bus: who may give them, and what those hear who may not.

#include "fake_authority.hpp"
#include "tell/bus.hpp"

#include <deque>

using namespace reapd;

namespace {

constexpr const char* no_answer = "none";

struct Scene {
    Scene() {
        REQUIRE(face.offer(peers.server.get()).has_value());
        peers.pump();
    }

    sd::BusMessage call(const char* member, bool interactive = false) const {
        auto made = peers.call("/org/reapd1", "org.reapd1.Manager", member);
        REQUIRE(sd_bus_message_set_sender(made.get(), sender) >= 0);
        REQUIRE(sd_bus_message_set_allow_interactive_authorization(made.get(), interactive) >= 0);
        return made;
    }

    sd::BusMessage order(const char* member, const char* cgroup) const {
        auto made = call(member);
        REQUIRE(sd_bus_message_append(made.get(), "s", cgroup) >= 0);
        return made;
    }

    sd::BusMessage kill(bool interactive = false, const std::string& why = "be\\cause") const {
        auto made = call("Kill", interactive);
        REQUIRE(sd_bus_message_append(made.get(), "ssa{sv}", "/a\\xff", why.c_str(), 0) >= 0);
        return made;
    }

    /// Sends it and waits for no answer; `heard` gets that when it comes.
    void send(const sd::BusMessage& message) {
        const auto note = [](sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept -> int {
            const sd_bus_error* const error = sd_bus_message_get_error(reply);
            static_cast<std::vector<std::string>*>(userdata)->push_back(
                error ? std::string{error->name} : "done");
            return 0;
        };
        REQUIRE(sd_bus_call_async(peers.client.get(), nullptr, message.get(), note, &heard, 0) >=
                0);
        peers.pump();
    }

    std::string outcome(const sd::BusMessage& message) {
        heard.clear();
        send(message);
        return heard.empty() ? no_answer : heard.front();
    }

    const char* sender = ":1.7";
    Peers peers{};
    FakeAuthority authority{peers};
    Status status{};
    Journal journal{"/nonexistent/socket"};
    std::vector<std::string> ordered{};
    std::vector<std::string> heard{};
    std::string by_rule{}; ///< what a rule froze
    BusFace face{
        status,
        journal,
        {.reload =
             [this](const Requester&) {
                 ordered.emplace_back("reload");
                 return std::string{};
             },
         .kill =
             [this](Call call, const std::string& cgroup, const std::string& reason,
                    const Requester& who) {
                 ordered.push_back("kill " + cgroup + " " + reason + " " + to_text(who));
                 call.answer(7);
             },
         .freeze =
             [this](Call call, const std::string& cgroup, bool frozen, const Requester&) {
                 ordered.push_back((frozen ? "freeze " : "thaw ") + cgroup);
                 call.answer();
             },
         .frozen_by_rule = [this](const std::string& cgroup) { return cgroup == by_rule; }}};
};

} // namespace

TEST_CASE("root may, and polkit is not asked") {
    Scene scene;
    scene.authority.uid = 0;
    CHECK(scene.outcome(scene.kill()) == "done");
    CHECK(scene.outcome(scene.call("Reload")) == "done");
    auto freeze = scene.call("Freeze");
    REQUIRE(sd_bus_message_append(freeze.get(), "s", "/b") >= 0);
    CHECK(scene.outcome(freeze) == "done");
    auto thaw = scene.call("Thaw");
    REQUIRE(sd_bus_message_append(thaw.get(), "s", "/b") >= 0);
    CHECK(scene.outcome(thaw) == "done");
    CHECK(scene.ordered == std::vector<std::string>{"kill /a\xff be\\cause user 0 (process 42)",
                                                    "reload", "freeze /b", "thaw /b"});
    CHECK(scene.authority.asked.empty());
}

TEST_CASE("a reason comes as it was meant, and no longer than is kept of it") {
    Scene scene;
    scene.authority.uid = 0;
    const auto reason = [&](const std::string& why) {
        scene.ordered.clear();
        scene.outcome(scene.kill(false, why));
        const std::string& order = scene.ordered.at(0);
        const std::size_t begin = std::string_view{"kill /a\xff "}.size();
        return order.substr(begin, order.find(" user 0 (") - begin);
    };
    CHECK(reason(R"(a\xffb\x5cc)") == "a\xff"
                                      R"(b\c)");
    const std::string most(255, 'x');
    CHECK(reason(most + "xx") == most + "x");
    CHECK(reason(most + "é") == most);
    CHECK(reason(most + R"(\x0ay)") == most + "\n");
}

TEST_CASE("others may what polkit lets them, under the name of the action") {
    Scene scene;
    scene.authority.authorized = true;
    CHECK(scene.outcome(scene.kill()) == "done");
    CHECK(scene.outcome(scene.call("Reload", true)) == "done");
    CHECK(scene.authority.asked ==
          std::vector<std::string>{"org.reapd1.kill :1.7 0", "org.reapd1.reload :1.7 1"});
    CHECK(scene.ordered.size() == 2);
}

TEST_CASE("who has to authenticate can be told for what") {
    Scene scene;
    scene.outcome(scene.kill(true));
    CHECK(scene.authority.details == "cgroup=/a\\xff reason=be\\x5ccause ");
    auto freeze = scene.call("Freeze");
    REQUIRE(sd_bus_message_append(freeze.get(), "s", "/b\x1b") >= 0);
    scene.outcome(freeze);
    CHECK(scene.authority.details == "cgroup=/b\\x1b ");
    scene.outcome(scene.call("Reload"));
    CHECK(scene.authority.details.empty());
}

TEST_CASE("what a rule froze of one's own takes another permission to thaw or to kill") {
    Scene scene;
    scene.authority.authorized = true;
    constexpr const char* own = "/user.slice/user-1000.slice/app.scope";
    const auto asked_for = [&](const char* member, const char* cgroup) {
        scene.authority.asked.clear();
        CHECK(scene.outcome(scene.order(member, cgroup)) == "done");
        REQUIRE(scene.authority.asked.size() == 1);
        return scene.authority.asked.front();
    };
    CHECK(asked_for("Thaw", own) == "org.reapd1.freeze :1.7 0"); // a person froze it
    scene.by_rule = own;
    CHECK(asked_for("Thaw", own) == "org.reapd1.own-frozen :1.7 0");
    CHECK(asked_for("Freeze", own) == "org.reapd1.freeze :1.7 0");

    auto kill = scene.call("Kill");
    REQUIRE(sd_bus_message_append(kill.get(), "ssa{sv}", own, "", 0) >= 0);
    scene.authority.asked.clear();
    CHECK(scene.outcome(kill) == "done");
    CHECK(scene.authority.asked == std::vector<std::string>{"org.reapd1.own-frozen :1.7 0"});

    scene.by_rule = "/user.slice/user-1001.slice/app.scope";
    CHECK(asked_for("Thaw", scene.by_rule.c_str()) == "org.reapd1.freeze :1.7 0");
    scene.by_rule = "/system.slice/a.service";
    CHECK(asked_for("Thaw", scene.by_rule.c_str()) == "org.reapd1.freeze :1.7 0");
}

TEST_CASE("who was permitted to thaw what a rule froze may not thaw what a person keeps frozen") {
    Scene scene;
    scene.authority.authorized = true;
    scene.by_rule = "/user.slice/user-1000.slice/app.scope";
    scene.authority.while_asked = [&scene] { scene.by_rule.clear(); };
    const auto thaw = scene.order("Thaw", scene.by_rule.c_str());
    CHECK(scene.outcome(thaw) == SD_BUS_ERROR_ACCESS_DENIED);
    CHECK(scene.ordered.empty());
}

TEST_CASE("who may not hears the standard error, and who could authenticate hears that") {
    Scene scene;
    CHECK(scene.outcome(scene.kill()) == SD_BUS_ERROR_ACCESS_DENIED);
    scene.authority.challenge = true;
    CHECK(scene.outcome(scene.kill()) == SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
    CHECK(scene.outcome(scene.kill(true)) == SD_BUS_ERROR_ACCESS_DENIED);
    CHECK(scene.ordered.empty());
}

TEST_CASE("without polkit only root may") {
    Scene scene;
    scene.authority.runs = false;
    CHECK(scene.outcome(scene.kill()) == SD_BUS_ERROR_ACCESS_DENIED);
    CHECK(scene.outcome(scene.call("Reload")) == SD_BUS_ERROR_ACCESS_DENIED);
    scene.authority.uid = 0;
    CHECK(scene.outcome(scene.kill()) == "done");
}

TEST_CASE("who has no name on the bus may nothing") {
    Scene scene;
    auto call = scene.peers.call("/org/reapd1", "org.reapd1.Manager", "Reload");
    CHECK(scene.outcome(call) == SD_BUS_ERROR_ACCESS_DENIED);
    CHECK(scene.ordered.empty());
}

TEST_CASE("one user who never answers takes no turn of the others") {
    Scene scene;
    scene.authority.answers = false;
    for (int i = 0; i < 4; ++i)
        scene.send(scene.kill(true));
    CHECK(scene.heard.empty());
    CHECK(scene.outcome(scene.kill(true)) == SD_BUS_ERROR_LIMITS_EXCEEDED);
    scene.authority.uid = 1001;
    CHECK(scene.outcome(scene.kill(true)) == no_answer);
    scene.authority.uid = 0;
    CHECK(scene.outcome(scene.kill()) == "done");
    scene.face.withdraw(); // Forgets them all.
    CHECK(scene.face.offer(scene.peers.server.get()).has_value());
    scene.authority.uid = 1000;
    scene.authority.answers = scene.authority.authorized = true;
    CHECK(scene.outcome(scene.kill()) == "done");
}

TEST_CASE("one connection that the bus does not tell of takes no turn of the others") {
    Scene scene;
    scene.authority.knows = false;
    for (int i = 0; i < 100; ++i)
        scene.send(scene.kill());
    CHECK(scene.heard == std::vector<std::string>(96, SD_BUS_ERROR_LIMITS_EXCEEDED));
    scene.sender = ":1.8";
    scene.authority.knows = true;
    scene.authority.uid = 0;
    CHECK(scene.outcome(scene.kill()) == "done");
}

TEST_CASE("a kill with options that there are not is refused before anybody is asked") {
    Scene scene;
    auto call = scene.call("Kill");
    REQUIRE(sd_bus_message_append(call.get(), "ssa{sv}", "/a", "", 1, "Force", "b", 1) >= 0);
    CHECK(scene.outcome(call) == "org.reapd1.Error.BadOption");
    CHECK(scene.authority.asked.empty());
}
