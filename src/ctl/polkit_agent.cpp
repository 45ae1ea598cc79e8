// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/polkit_agent.hpp"

#include "base/fd.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

namespace reapd {
namespace {

/// In the child: becomes the agent, or ends.
[[noreturn]] void become(const char* program, pid_t parent, int ready, const char* ready_text) {
    // It belongs to its parent, so it also goes when that is killed.
    if (::prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && ::getppid() == parent &&
        ::fcntl(ready, F_SETFD, 0) == 0)
        // Without --fallback it would come before the desktop's own.
        ::execlp(program, program, "--notify-fd", ready_text, "--fallback", nullptr);
    ::_exit(127);
}

/// The agent closes its end when polkit knows it, and the kernel does when it ends.
void await_close(int reading) {
    char ignored = 0;
    ssize_t got = 0;
    do
        got = ::read(reading, &ignored, 1);
    while (got > 0 || (got < 0 && errno == EINTR));
}

} // namespace

PolkitAgent::PolkitAgent(const char* program) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0)
        return;
    const Fd reading{ends[0]};
    Fd writing{ends[1]};
    const std::string ready_text = std::to_string(writing.get());
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ == 0)
        become(program, parent, writing.get(), ready_text.c_str());
    writing = Fd{};
    await_close(reading.get());
}

PolkitAgent::~PolkitAgent() {
    if (child_ < 0)
        return;
    ::kill(child_, SIGTERM); // it gives the terminal its echo back
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace reapd
