// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/polkit_agent.hpp"

#include "catch.hpp"
#include "tree.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <optional>

using namespace reapd;

namespace {

/// Notes how it was called and who it is, says that it is ready, and stays.
constexpr const char* stand_in = R"(#!/bin/bash
echo "${1#--} ${3#--}" >"$0.words"
echo $$ >"$0.pid"
eval "exec $2>&-"
exec sleep 1000
)";

std::string line_of(const std::string& file) {
    std::string line;
    std::getline(std::ifstream{file}, line);
    return line;
}

} // namespace

TEST_CASE("the agent is ready when it has been started, and gone when it is over") {
    const Tree tree{{"agent", stand_in}};
    const std::string program = tree.root() + "/agent";
    REQUIRE(::chmod(program.c_str(), 0700) == 0);
    std::optional<PolkitAgent> agent{std::in_place, program.c_str()};
    CHECK(line_of(program + ".words") == "notify-fd fallback");
    const pid_t pid = std::stoi(line_of(program + ".pid"));
    CHECK(::kill(pid, 0) == 0);
    agent.reset();
    CHECK(::kill(pid, 0) < 0);
    CHECK(errno == ESRCH);
}

TEST_CASE("an agent that is not there keeps nobody waiting") {
    const Tree tree{{"nobody", ""}};
    const PolkitAgent agent{(tree.root() + "/agent").c_str()};
    SUCCEED("it returns");
}

TEST_CASE("an agent that ends at once keeps nobody waiting") {
    const PolkitAgent agent{"false"};
    SUCCEED("it returns");
}
