// SPDX-License-Identifier: LGPL-2.1-or-later
#include "decide/pick_process.hpp"

#include "catch.hpp"

#include <algorithm>
#include <vector>

using namespace reapd;

namespace {

constexpr pid_t outside = 1;

/// A cgroup full of processes; each starts after the one before it.
class Login {
public:
    pid_t start(pid_t parent, Bytes memory, pid_t session = 0) {
        const pid_t pid = next_++;
        ProcessSample& process = processes.emplace_back();
        process.pid = pid;
        process.parent = parent;
        process.session = session != 0 ? session : pid;
        process.started = static_cast<std::uint64_t>(pid);
        process.memory = memory;
        return pid;
    }

    ProcessSample& at(pid_t pid) { return *std::ranges::find(processes, pid, &ProcessSample::pid); }

    /// Who dies, the chosen one first; nobody: empty.
    std::vector<pid_t> dying(std::size_t room = 100) const {
        std::vector<ProcessNode> nodes(processes.size());
        const auto chosen = pick_process(processes, nodes);
        if (!chosen)
            return {};
        std::vector<pid_t> pids(room);
        pids.resize(descendants(processes, nodes, *chosen, pids));
        if (pids.size() > 1)
            std::sort(pids.begin() + 1, pids.end());
        return pids;
    }

    std::vector<ProcessSample> processes{};

private:
    pid_t next_ = 100;
};

using Pids = std::vector<pid_t>;

/// sshd's monitor leads the session, the shell is a grandchild of it.
struct Ssh : Login {
    pid_t monitor = start(outside, mib(4));
    pid_t sshd = start(monitor, mib(3), monitor);
    pid_t shell = start(sshd, mib(5));
    pid_t run(Bytes memory) { return start(shell, memory, shell); }
};

} // namespace

TEST_CASE("a shell that leads no session, but jobs, is left alone") {
    Login login;
    const pid_t su = login.start(outside, mib(4));
    const pid_t shell = login.start(su, mib(5), su);
    const pid_t hog = login.start(shell, mib(500), su);
    const pid_t editor = login.start(shell, mib(300), su);
    const pid_t helper = login.start(hog, mib(100), su);
    CHECK(login.dying() == Pids{shell, hog, editor, helper});
    for (const pid_t leader : {su, shell, hog, editor})
        login.at(leader).group = leader;
    login.at(helper).group = hog;
    CHECK(login.dying() == Pids{hog, helper});
}

TEST_CASE("the hog dies, the login shell lives") {
    Login login;
    const pid_t shell = login.start(outside, mib(5));
    const pid_t hog = login.start(shell, mib(900), shell);
    CHECK(login.dying() == Pids{hog});

    SECTION("with all that it started") {
        const pid_t worker = login.start(hog, mib(30), shell);
        const pid_t helper = login.start(worker, mib(30), shell);
        CHECK(login.dying() == Pids{hog, worker, helper});
    }
    SECTION("of two hogs the larger one") {
        login.start(shell, mib(800), shell);
        CHECK(login.dying() == Pids{hog});
    }
    SECTION("of two equal ones the lower pid") {
        login.start(shell, mib(900), shell);
        CHECK(login.dying() == Pids{hog});
    }
}

TEST_CASE("over ssh neither sshd nor the shell dies") {
    Ssh ssh;
    const pid_t hog = ssh.run(mib(900));
    CHECK(ssh.dying() == Pids{hog});

    SECTION("also with two hogs") {
        ssh.run(mib(700));
        CHECK(ssh.dying() == Pids{hog});
    }
    SECTION("also when the hog waits in a pipe of small ones") {
        ssh.run(mib(1));
        ssh.run(mib(1));
        CHECK(ssh.dying() == Pids{hog});
    }
}

TEST_CASE("a job dies whole, not one part of it") {
    Ssh ssh;
    const pid_t make = ssh.run(mib(10));
    Pids job{make};
    for (int i = 0; i < 4; ++i) {
        const pid_t driver = ssh.start(make, mib(2), ssh.shell);
        job.push_back(driver);
        job.push_back(ssh.start(driver, mib(300), ssh.shell));
    }
    CHECK(ssh.dying() == job);

    SECTION("unless nearly all is in one part") {
        const pid_t linker = ssh.start(make, mib(5000), ssh.shell);
        CHECK(ssh.dying() == Pids{linker});
    }
    SECTION("unless another job is larger") {
        const pid_t hog = ssh.run(mib(1300));
        CHECK(ssh.dying() == Pids{hog});
    }
}

TEST_CASE("80 % of a job is nearly all of it") {
    Ssh ssh;
    const pid_t job = ssh.run(mib(200));
    const pid_t part = ssh.start(job, mib(800), ssh.shell);
    CHECK(ssh.dying() == Pids{part});
    ssh.at(job).memory = mib(201);
    CHECK(ssh.dying() == Pids{job, part});
}

TEST_CASE("a wrapper around the hog lives until its child is gone") {
    Ssh ssh;
    const pid_t timeout = ssh.run(mib(1));
    const pid_t hog = ssh.start(timeout, mib(900), ssh.shell);
    CHECK(ssh.dying() == Pids{hog});
}

TEST_CASE("a multiplexer and its shells live") {
    Ssh ssh;
    const pid_t server = ssh.start(outside, mib(20)); // it daemonised
    const pid_t one = ssh.start(server, mib(5));
    const pid_t two = ssh.start(server, mib(5));
    const pid_t hog = ssh.start(one, mib(500), one);
    ssh.start(two, mib(450), two);
    CHECK(ssh.dying() == Pids{hog});

    SECTION("their jobs compete with all others") {
        const pid_t other = ssh.run(mib(600));
        CHECK(ssh.dying() == Pids{other});
    }
}

TEST_CASE("a terminal and a window manager live though they lead no session") {
    Login login;
    const pid_t display_manager = login.start(outside, mib(5));
    const pid_t manager = login.start(display_manager, mib(30), display_manager);
    const pid_t terminal = login.start(manager, mib(40), display_manager);
    const pid_t shell = login.start(terminal, mib(5));
    const pid_t editor = login.start(manager, mib(700)); // started with setsid
    const pid_t hog = login.start(shell, mib(900), shell);
    CHECK(login.dying() == Pids{hog});
    login.at(hog).memory = mib(600);
    CHECK(login.dying() == Pids{editor});
}

TEST_CASE("a hog that daemonised dies") {
    Ssh ssh;
    ssh.run(mib(2));
    const pid_t hog = ssh.start(outside, mib(900));
    CHECK(ssh.dying() == Pids{hog});
}

TEST_CASE("a hog that called setsid dies") {
    Ssh ssh;
    const pid_t hog = ssh.start(ssh.shell, mib(900));
    CHECK(ssh.dying() == Pids{hog});

    SECTION("also with small children: the memory is in it") {
        const pid_t child = ssh.start(hog, mib(1), hog);
        CHECK(ssh.dying() == Pids{hog, child});
    }
}

TEST_CASE("a shell that took the memory itself dies like any other program") {
    Ssh ssh;
    ssh.at(ssh.shell).memory = mib(900);
    const pid_t child = ssh.run(mib(1));
    CHECK(ssh.dying() == Pids{ssh.shell, child});
}

TEST_CASE("the process that the session lives with never dies") {
    Login login;
    CHECK(login.dying().empty());
    const pid_t leader = login.start(outside, mib(900));
    CHECK(login.dying().empty());

    SECTION("and crumbs do not die in its place") {
        const pid_t child = login.start(leader, mib(89), leader);
        CHECK(login.dying().empty());
        login.at(child).memory = mib(90);
        CHECK(login.dying() == Pids{child});
    }
    SECTION("the oldest is it, whoever called it") {
        const pid_t older = login.start(outside, mib(5));
        login.at(older).started = 1;
        CHECK(login.dying() == Pids{leader});
    }
    SECTION("of equally old ones the lower pid") {
        const pid_t twin = login.start(outside, mib(500));
        login.at(twin).started = login.at(leader).started;
        CHECK(login.dying() == Pids{twin});
    }
}

TEST_CASE("processes without memory do not die in vain") {
    Ssh ssh;
    for (ProcessSample& process : ssh.processes)
        process.memory = {};
    ssh.run({});
    CHECK(ssh.dying().empty());
}

TEST_CASE("who may not be killed does not die, nor dies with another") {
    Ssh ssh;
    const pid_t job = ssh.run(mib(500));
    const pid_t part = ssh.start(job, mib(300), ssh.shell);
    const pid_t exempt = ssh.start(part, mib(1), ssh.shell);
    ssh.at(exempt).unkillable = true;
    CHECK(ssh.dying().empty());

    const pid_t below = ssh.start(exempt, mib(100), ssh.shell);
    CHECK(ssh.dying() == Pids{below});
    const pid_t beside = ssh.start(part, mib(200), ssh.shell);
    CHECK(ssh.dying() == Pids{beside});
}

TEST_CASE("a parent younger than its child is a stranger with a used pid") {
    Ssh ssh;
    const pid_t orphan = ssh.run(mib(300));
    const pid_t stranger = ssh.run(mib(200));
    ssh.at(orphan).parent = stranger;
    CHECK(ssh.dying() == Pids{orphan});

    SECTION("also in a ring") {
        ssh.at(stranger).parent = orphan;
        CHECK(ssh.dying() == Pids{orphan, stranger});
        ssh.at(orphan).parent = orphan;
        CHECK(ssh.dying() == Pids{orphan, stranger});
    }
}

TEST_CASE("the order of the list does not matter") {
    Ssh ssh;
    const pid_t make = ssh.run(mib(10));
    const pid_t one = ssh.start(make, mib(300), ssh.shell);
    const pid_t two = ssh.start(make, mib(300), ssh.shell);
    do {
        REQUIRE(ssh.dying() == Pids{make, one, two});
    } while (std::ranges::next_permutation(ssh.processes, {}, &ProcessSample::pid).found);
}

TEST_CASE("what does not fit in the list of the dying is left out") {
    Ssh ssh;
    const pid_t job = ssh.run(mib(100));
    for (int i = 0; i < 10; ++i)
        ssh.start(job, mib(50), ssh.shell);
    CHECK(ssh.dying().size() == 11);
    CHECK(ssh.dying(4).size() == 4);
    CHECK(ssh.dying(1) == Pids{job});
    CHECK(ssh.dying(0).empty());

    SECTION("and too little storage chooses nobody") {
        std::vector<ProcessNode> nodes(ssh.processes.size() - 1);
        CHECK_FALSE(pick_process(ssh.processes, nodes));
    }
}

TEST_CASE("ten thousand processes in whatever shape") {
    Ssh ssh;
    SECTION("children of one job") {
        const pid_t job = ssh.run(mib(1));
        for (int i = 0; i < 10000; ++i)
            ssh.start(job, mib(1), ssh.shell);
        CHECK(ssh.dying(20000).size() == 10001);
    }
    SECTION("each the child of the one before") {
        pid_t last = ssh.run(mib(1));
        const pid_t first = last;
        for (int i = 0; i < 9999; ++i)
            last = ssh.start(last, mib(1), ssh.shell);
        std::ranges::reverse(ssh.processes);
        // From 10000 MiB down to where one link is no longer 80 % of the one before.
        const Pids dying = ssh.dying(20000);
        CHECK(dying.front() > first);
        CHECK(dying.back() == last);
    }
}
