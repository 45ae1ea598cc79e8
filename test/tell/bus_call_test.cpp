// SPDX-License-Identifier: LGPL-2.1-or-later

/// Calls that are answered later, and the lists they are answered with.

#include "tell/bus_call.hpp"

#include "dictionary.hpp"
#include "peers.hpp"
#include "tell/bus.hpp"

#include <deque>

using namespace reapd;
using namespace std::chrono_literals;

namespace {

CandidateList one_candidate() {
    CandidateList list{.sampled_usec = 5};
    list.lines = {{.watched = "/",
                   .cgroup = "/forgot \xff",
                   .position = 1,
                   .measures = {.current = mib(3),
                                .promise = mib(2),
                                .growth = -7,
                                .stall = Permyriad{2500},
                                .preference = -1}}};
    return list;
}

struct Scene {
    Scene() {
        REQUIRE(face.offer(peers.server.get()).has_value());
        peers.pump();
    }

    sd::BusMessage call(const char* member, const char* text) const {
        auto made = peers.call("/org/reapd1", "org.reapd1.Manager", member);
        REQUIRE(sd_bus_message_append(made.get(), "s", text) >= 0);
        return made;
    }

    std::vector<Dictionary> events(std::uint64_t since, std::uint32_t max) const {
        auto made = peers.call("/org/reapd1", "org.reapd1.Manager", "ListEvents");
        REQUIRE(sd_bus_message_append(made.get(), "tu", since, max) >= 0);
        return read_list(peers.ask(std::move(made)).get());
    }

    /// libsystemd asks for 8 MiB, in which much could wait that nobody reads.
    void narrow() const {
        const int size = 4096;
        REQUIRE(::setsockopt(sd_bus_get_fd(peers.server.get()), SOL_SOCKET, SO_SNDBUF, &size,
                             sizeof size) == 0);
    }

    /// How many messages wait to be sent after so many such calls of a client that does not read.
    std::uint64_t waiting_after(int calls, const char* path, const char* interface,
                                const char* member) const {
        for (int i = 0; i < calls; ++i) {
            const auto call = peers.call(path, interface, member);
            std::uint64_t cookie = 0; // Who does not want it does not expect a reply.
            REQUIRE(sd_bus_send(peers.client.get(), call.get(), &cookie) >= 0);
            while (sd_bus_process(peers.server.get(), nullptr) > 0) {
            }
        }
        std::uint64_t count = 0;
        REQUIRE(sd_bus_get_n_queued_write(peers.server.get(), &count) >= 0);
        return count;
    }

    Peers peers{};
    Status status{};
    Journal journal{"/nonexistent/socket"};
    std::deque<Call> waiting{};
    std::vector<std::string> asked{};
    BusFace face{status,
                 journal,
                 {.candidates =
                      [this](Call call, std::string rule) {
                          asked.push_back(std::move(rule));
                          waiting.push_back(std::move(call));
                      },
                  .explain =
                      [this](Call call, std::string cgroup) {
                          asked.push_back(cgroup);
                          Explanation explanation{.cgroup = "/a", .sampled_usec = 5};
                          explanation.rules = {{.rule = "10",
                                                .watched = "/",
                                                .standing = Standing::TooSmall,
                                                .minimum_size = mib(50),
                                                .measures = Measures{.promise = mib(12)}}};
                          call.answer(explanation);
                      }}};
};

} // namespace

TEST_CASE("candidates are answered when they are known, without what is not") {
    Scene scene;
    sd::BusMessage answer;
    const auto keep = [](sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept -> int {
        static_cast<sd::BusMessage*>(userdata)->reset(sd_bus_message_ref(reply));
        return 0;
    };
    const auto call = scene.call("ListCandidates", "\\xff rule");
    REQUIRE(sd_bus_call_async(scene.peers.client.get(), nullptr, call.get(), keep, &answer, 0) >=
            0);
    scene.peers.pump();
    CHECK(scene.asked == std::vector<std::string>{"\xff rule"});
    REQUIRE_FALSE(answer);

    scene.waiting.front().answer(one_candidate());
    scene.peers.pump();
    REQUIRE(answer);
    const std::vector<Dictionary> list = read_list(answer.get());
    REQUIRE(list.size() == 1);
    CHECK(list[0].at("ControlGroup") == "/forgot \\xff");
    CHECK(list[0].at("Position") == "1");
    CHECK(list[0].at("CurrentBytes") == "3145728");
    CHECK(list[0].at("GrowthBytes") == "-7");
    CHECK(list[0].at("Stall") == "0.250000");
    CHECK(list[0].at("Preference") == "-1");
    CHECK(list[0].at("SingleProcess") == "no");
    CHECK_FALSE(list[0].contains("ScanRate"));
}

TEST_CASE("an explanation says of each rule where the cgroup stands") {
    const Scene scene;
    const auto answer = scene.peers.ask(scene.call("Explain", "/a"));
    const Dictionary all = read_dictionary(answer.get());
    CHECK(all.at("Sentence") == "/a is no candidate of any rule now.");
    CHECK(all.at("Refusal").empty());
    CHECK_FALSE(all.contains("CurrentBytes"));
    CHECK(all.at("Rules").find("Reason=too-small") != std::string::npos);
    CHECK(all.at("Rules").find("has 12M") != std::string::npos);
    CHECK(all.at("Rules").find("MinimumSize= of the rule is 50M") != std::string::npos);
}

TEST_CASE("a refusal has a name and a sentence") {
    Scene scene;
    Call{scene.call("ListCandidates", "x").get()}; // Forgotten: nobody is harmed.
    sd::BusMessage call = scene.call("ListCandidates", "x");
    std::string heard;
    const auto keep = [](sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept -> int {
        const sd_bus_error* const error = sd_bus_message_get_error(reply);
        *static_cast<std::string*>(userdata) = std::string{error->name} + ": " + error->message;
        return 0;
    };
    REQUIRE(sd_bus_call_async(scene.peers.client.get(), nullptr, call.get(), keep, &heard, 0) >= 0);
    scene.peers.pump();
    scene.waiting.front().refuse(bus_error::no_such_rule, "There is no \xff.");
    scene.peers.pump();
    CHECK(heard == "org.reapd1.Error.NoSuchRule: There is no \\xff.");
}

TEST_CASE("events come from the history, the newest of them, and of an end when there was one") {
    Scene scene;
    scene.status.history = {
        {.id = 1, .realtime_usec = 10, .action = "kill", .end = HistoryEnd{.released = mib(1)}},
        {.kind = "stuck", .realtime_usec = 20, .reason = "useless"},
        {.id = 2, .realtime_usec = 30, .cgroup = "/a", .action = "kill", .promise = mib(2)}};
    const std::vector<Dictionary> all = scene.events(0, 0);
    REQUIRE(all.size() == 3);
    CHECK(all[0].at("Completed") == "yes");
    CHECK(all[0].at("ReleasedBytes") == "1048576");
    CHECK(all[1].at("Kind") == "stuck");
    CHECK(all[1].at("Reason") == "useless");
    CHECK_FALSE(all[1].contains("Id"));
    CHECK(all[2].at("Completed") == "no");
    CHECK(all[2].at("ExpectedBytes") == "2097152");
    CHECK_FALSE(all[2].contains("ReleasedBytes"));

    CHECK(scene.events(20, 0).size() == 2);
    CHECK(scene.events(31, 0).empty());
    REQUIRE(scene.events(0, 1).size() == 1);
    CHECK(scene.events(0, 1)[0].at("Id") == "2");
    for (std::uint64_t i = 0; i < 3000; ++i)
        scene.status.history.push_back({.id = i, .action = "log"});
    CHECK(scene.events(0, 0).size() == 256);
    CHECK(scene.events(0, 2000).size() == 256);
}

TEST_CASE("for a bus that does not read no more than 256 messages wait, whoever would answer") {
    const Scene scene;
    scene.narrow();
    CHECK(scene.waiting_after(500, "/org/reapd1", "org.reapd1.Manager", "ListRules") == 256);
    CHECK(scene.waiting_after(1, "/", "org.freedesktop.DBus.Introspectable", "Introspect") == 256);
    CHECK(scene.waiting_after(1, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects") ==
          256);
}

TEST_CASE("behind many messages that wait no large one is kept, and who asked for it hears that") {
    Scene scene;
    scene.status.history = {{.id = 1, .sentence = std::string(60'000, 'x')}};
    CHECK(scene.events(0, 0).size() == 1);
    scene.narrow();
    REQUIRE(scene.waiting_after(250, "/org/reapd1", "org.reapd1.Manager", "ListRules") > 100);
    std::string heard;
    const auto keep = [](sd_bus_message* reply, void* userdata, sd_bus_error*) noexcept -> int {
        const sd_bus_error* const error = sd_bus_message_get_error(reply);
        *static_cast<std::string*>(userdata) = error ? error->name : "";
        return 0;
    };
    auto call = scene.peers.call("/org/reapd1", "org.reapd1.Manager", "ListEvents");
    REQUIRE(sd_bus_message_append(call.get(), "tu", std::uint64_t{0}, 0U) >= 0);
    REQUIRE(sd_bus_call_async(scene.peers.client.get(), nullptr, call.get(), keep, &heard, 0) >= 0);
    scene.peers.pump();
    CHECK(heard == SD_BUS_ERROR_LIMITS_EXCEEDED);
    CHECK(scene.events(0, 0).size() == 1);
}
