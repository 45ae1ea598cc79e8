// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/socket.hpp"

#include "base/sd.hpp"
#include "catch.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iostream>

using namespace reapd;
using namespace reapd::test;
using namespace std::string_literals;

namespace {

/// A user whose limits are not those of user 0; another one takes the privilege to become it.
const uid_t somebody = ::geteuid() == 0 ? 65534 : ::geteuid();
constexpr uid_t somebody_else = 65533;

bool may_become_others(const char* test) {
    if (::geteuid() == 0)
        return true;
    std::cout << "SKIP: " << test << ": only user 0 can connect as two users\n";
    return false;
}

std::string report(const std::string& path, const std::string& mode = "kill") {
    return R"({"method":"io.systemd.oom.ReportManagedOOMCGroups","parameters":{"cgroups":[)"
           R"({"mode":")" +
           mode + R"(","path":")" + path + R"(","property":"ManagedOOMSwap"}]},"oneway":true})" +
           '\0';
}

Claim claim(std::string path, uid_t uid = somebody) {
    return {.uid = uid, .path = std::move(path), .unit = {.swap = true}};
}

using Claims = std::vector<Claim>;

/// A name that the kernel makes up, without a file.
struct Address {
    sockaddr_un name{};
    socklen_t size = sizeof(sa_family_t);
};

class Client {
public:
    Client(const Address& address, uid_t uid)
        : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
        REQUIRE(fd_);
        // The peer sees who connected.
        const uid_t self = ::geteuid();
        REQUIRE(::seteuid(uid) == 0);
        const int r =
            ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address.name), address.size);
        REQUIRE(::seteuid(self) == 0);
        REQUIRE(r == 0);
    }

    /// False if no more of it fits, or nobody is there to read it.
    bool say(std::string_view bytes) const {
        return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }

    std::string hear() const {
        std::array<char, 4096> bytes;
        const ssize_t n = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
        return {bytes.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
    }

    bool closed() const {
        char byte = 0;
        const ssize_t n = ::recv(fd_.get(), &byte, 1, MSG_PEEK);
        return n == 0 || (n < 0 && errno == ECONNRESET);
    }

    void leave() { fd_ = Fd{}; }

private:
    Fd fd_;
};

class Bench {
public:
    explicit Bench(SocketLimits limits = {})
        : loop_{new_loop()},
          socket_{loop_.get(), [this] { ++changes; },
                  [this](const std::string& text) { complaints.push_back(text); }, limits} {
        Fd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        address_.name.sun_family = AF_UNIX;
        const auto name = reinterpret_cast<sockaddr*>(&address_.name);
        REQUIRE(::bind(listener.get(), name, address_.size) == 0);
        address_.size = sizeof address_.name;
        REQUIRE(::getsockname(listener.get(), name, &address_.size) == 0);
        REQUIRE(::listen(listener.get(), 64) == 0);
        std::vector<Fd> listeners;
        listeners.push_back(std::move(listener));
        REQUIRE(socket_.listen(std::move(listeners)));
    }

    Client connect(uid_t uid = somebody) const { return {address_, uid}; }
    Claims claims() const { return socket_.claims(); }
    sd_event* loop() const { return loop_.get(); }

    /// Runs the loop until `holds`; false if that takes unreasonably many turns.
    template <class Condition>
    bool until(Condition holds) const {
        for (int turns = 0; turns < 2000 && !holds(); ++turns)
            REQUIRE(sd_event_run(loop_.get(), 10'000) >= 0);
        return holds();
    }

    /// Runs the loop while it has something to do at once; false if it does not come to rest.
    bool rests() const {
        for (int turns = 0; turns < 100; ++turns)
            if (sd_event_run(loop_.get(), 0) == 0)
                return true;
        return false;
    }

    int changes = 0;
    std::vector<std::string> complaints{};

private:
    static sd_event* new_loop() {
        sd_event* loop = nullptr;
        REQUIRE(sd_event_new(&loop) >= 0);
        return loop;
    }

    sd::Event loop_;
    ManagedSocket socket_;
    Address address_{};
};

} // namespace

TEST_CASE("what a manager reports is a claim of its user") {
    Bench bench;
    const Client manager = bench.connect();
    CHECK(manager.say(report("/a")));
    CHECK(bench.until([&] { return bench.changes == 1; }));
    CHECK(bench.claims() == Claims{claim("a")});
    CHECK(manager.say(report("/b") + report("/a", "auto")));
    CHECK(bench.until([&] { return bench.changes == 2; }));
    CHECK(bench.claims() == Claims{claim("b")});
    CHECK(bench.complaints.empty());
    CHECK(bench.rests());
}

TEST_CASE("a message may come in pieces, and several at once") {
    Bench bench;
    const Client manager = bench.connect();
    const std::string first = report("/a");
    CHECK(manager.say(first.substr(0, 5)));
    CHECK(bench.rests());
    CHECK(manager.say(first.substr(5) + report("/b") + report("/c").substr(0, 70)));
    CHECK(bench.until([&] { return bench.claims().size() == 2; }));
    CHECK(manager.say(report("/c").substr(70)));
    CHECK(bench.until([&] { return bench.claims().size() == 3; }));
    CHECK(bench.claims() == Claims{claim("a"), claim("b"), claim("c")});
}

TEST_CASE("claims go when the connection does") {
    Bench bench;
    Client one = bench.connect();
    const Client two = bench.connect();
    CHECK(one.say(report("/a")));
    CHECK(two.say(report("/b")));
    CHECK(bench.until([&] { return bench.claims().size() == 2 && bench.changes > 0; }));
    const int before = bench.changes;
    one.leave();
    CHECK(bench.until([&] { return bench.changes > before; }));
    CHECK(bench.claims() == Claims{claim("b")});
}

TEST_CASE("changes that undo each other are not told") {
    Bench bench;
    const Client manager = bench.connect();
    CHECK(manager.say(report("/a") + report("/a", "auto") + report("/b", "auto")));
    Client visitor = bench.connect();
    visitor.leave();
    const Client other = bench.connect();
    CHECK(bench.rests());
    CHECK(other.say(report("/c")));
    CHECK(bench.until([&] { return bench.changes > 0; }));
    CHECK(bench.changes == 1);
    CHECK(bench.claims() == Claims{claim("c")});
}

TEST_CASE("a message that is too long ends its connection, and one complaint is enough") {
    Bench bench{{.message = 1000}};
    for (int i = 0; i < 2; ++i) {
        const Client manager = bench.connect();
        CHECK(manager.say(report("/a") + std::string(1002, ' ')));
        CHECK(bench.until([&] { return manager.closed(); }));
    }
    CHECK(bench.claims().empty());
    REQUIRE(bench.complaints.size() == 1);
    CHECK_THAT(bench.complaints.front(), contains_text("a message has more than 1000 bytes."));
}

TEST_CASE("what is no call ends its connection") {
    Bench bench;
    const Client stranger = bench.connect();
    CHECK(stranger.say("GET / HTTP/1.1\r\n\r\n\0"s));
    CHECK(bench.until([&] { return stranger.closed(); }));
    REQUIRE(bench.complaints.size() == 1);
    CHECK_THAT(bench.complaints.front(), contains_text("a message is not JSON."));
}

TEST_CASE("calls are answered") {
    Bench bench;
    const Client caller = bench.connect();
    CHECK(caller.say("{\"method\":\"a.b\"}\0"s));
    std::string heard;
    CHECK(bench.until([&] { return !(heard += caller.hear()).empty(); }));
    CHECK(heard == "{\"error\":\"org.varlink.service.MethodNotFound\","
                   "\"parameters\":{\"method\":\"a.b\"}}\0"s);
}

TEST_CASE("who does not read replies is sent away") {
    Bench bench;
    const Client caller = bench.connect();
    const std::string call = "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
                             "\"parameters\":{\"interface\":\"io.systemd.oom\"}}\0"s;
    CHECK(bench.until([&] {
        while (caller.say(call))
            ;
        return errno == EPIPE;
    }));
    REQUIRE(bench.complaints.size() == 1);
    CHECK_THAT(bench.complaints.front(), contains_text("does not read the replies"));
}

TEST_CASE("a user has so many connections, and may come back when one is closed") {
    Bench bench{{.connections = 100, .connections_per_user = 2}};
    if (somebody == 0)
        return;
    Client one = bench.connect();
    const Client two = bench.connect();
    const Client three = bench.connect();
    CHECK(bench.until([&] { return three.closed(); }));
    CHECK(one.say(report("/a")));
    CHECK(two.say(report("/b")));
    CHECK(bench.until([&] { return bench.claims().size() == 2; }));
    REQUIRE(bench.complaints.size() == 1);
    CHECK_THAT(bench.complaints.front(), contains_text("there are too many connections."));
    one.leave();
    CHECK(bench.until([&] { return bench.claims().size() == 1; }));
    const Client four = bench.connect();
    CHECK(four.say(report("/d")));
    CHECK(bench.until([&] { return bench.claims().size() == 2; }));
}

TEST_CASE("all users together cannot keep user 0 out") {
    if (!may_become_others("all users together cannot keep user 0 out"))
        return;
    Bench bench{{.connections = 2}};
    const Client one = bench.connect(somebody);
    const Client two = bench.connect(somebody_else);
    const Client three = bench.connect(somebody_else);
    const Client root = bench.connect(0);
    CHECK(root.say(report("/")));
    CHECK(bench.until([&] { return bench.claims().size() == 1; }));
    CHECK(bench.claims() == Claims{claim("", 0)});
    CHECK(bench.until([&] { return three.closed(); }));
    CHECK_FALSE(one.closed());
    CHECK_FALSE(two.closed());
}

TEST_CASE("a user with too many claims keeps the first and is told once") {
    Bench bench{{.claims_per_user = 2}};
    const Client manager = bench.connect();
    CHECK(manager.say(report("/a") + report("/b") + report("/c") + report("/d")));
    CHECK(bench.until([&] { return bench.changes > 0; }));
    CHECK(bench.claims() == Claims{claim("a"), claim("b")});
    REQUIRE(bench.complaints.size() == 1);
    CHECK_THAT(bench.complaints.front(), contains_text("names more than 2 cgroups"));
}

TEST_CASE("bad entries are told once and the others count") {
    Bench bench;
    const Client manager = bench.connect();
    CHECK(manager.say(report("/a/../b") + report("/..") + report("/c")));
    CHECK(bench.until([&] { return bench.changes > 0; }));
    CHECK(bench.claims() == Claims{claim("c")});
    REQUIRE(bench.complaints.size() == 1);
    CHECK_THAT(bench.complaints.front(), contains_text("path '/a/../b' is not normalised."));
}

TEST_CASE("a peer that never stops talking is not in another's way") {
    Bench bench;
    const Client flood = bench.connect();
    const Client quiet = bench.connect();
    const auto talk = [&] {
        while (flood.say(report("/x") + report("/x", "auto")))
            ;
    };
    talk();
    CHECK(quiet.say(report("/a")));
    const auto seen = [&] {
        talk();
        const Claims now = bench.claims();
        return std::ranges::find(now, claim("a")) != now.end();
    };
    int turns = 0;
    while (!seen() && turns < 10) {
        ++turns;
        REQUIRE(sd_event_run(bench.loop(), 10'000) >= 0);
    }
    CHECK(seen());
    // Not even its changes keep those of the other from being told.
    CHECK(bench.until([&] {
        talk();
        return bench.changes > 0;
    }));
}

TEST_CASE("a peer that never stops talking waits for everything else in the loop") {
    Bench bench;
    const Client flood = bench.connect();
    const Fd other{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    int rung = 0;
    const auto ring = [](sd_event_source*, int fd, std::uint32_t, void* count) noexcept {
        eventfd_t value = 0;
        ++*static_cast<int*>(count);
        return ::eventfd_read(fd, &value);
    };
    sd_event_source* made = nullptr;
    REQUIRE(sd_event_add_io(bench.loop(), &made, other.get(), EPOLLIN, ring, &rung) >= 0);
    const sd::EventSource source{made};
    for (int turn = 1; turn <= 10; ++turn) {
        while (flood.say(report("/x") + report("/x", "auto")))
            ;
        REQUIRE(::eventfd_write(other.get(), 1) == 0);
        REQUIRE(sd_event_run(bench.loop(), 0) > 0);
        CHECK(rung == turn);
    }
}

TEST_CASE("with no descriptor left, connections wait and nothing spins") {
    Bench bench;
    const Client early = bench.connect();
    CHECK(bench.rests());
    const Client late = bench.connect();
    CHECK(late.say(report("/a")));
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    const bool rested = bench.rests();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(rested);
    CHECK(bench.claims().empty());
    CHECK(bench.until([&] { return bench.claims().size() == 1; }));
}
