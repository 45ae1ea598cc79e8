// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/pager.hpp"

#include "base/fd.hpp"
#include "settings/values.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace reapd {
namespace {

bool is_elevated() {
    if (::getenv("SUDO_UID"))
        return true;
    uid_t owner = 0;
    return sd_pid_get_owner_uid(0, &owner) >= 0 && owner != ::geteuid();
}

/// A variable of less from the one that systemd has for it.
void set_from(const char* variable, const char* other, const char* otherwise) {
    const char* const value = ::getenv(other);
    ::setenv(variable, value ? value : otherwise, 1);
}

/// In the child: becomes the pager, or ends with 127.
[[noreturn]] void become(const Pager& pager) {
    set_from("LESS", "SYSTEMD_LESS", "FRSXMK");
    set_from("LESSCHARSET", "SYSTEMD_LESSCHARSET", "utf-8");
    if (pager.secure)
        ::setenv("LESSSECURE", "1", 1);
    else
        ::unsetenv("LESSSECURE");
    for (const std::string& command : pager.commands) {
        const auto parts = split_words(command);
        std::vector<std::string> words{parts.begin(), parts.end()};
        std::vector<char*> pointers;
        pointers.reserve(words.size() + 1);
        for (std::string& word : words)
            pointers.push_back(word.data());
        pointers.push_back(nullptr);
        if (!words.empty())
            ::execvp(pointers.front(), pointers.data());
    }
    ::_exit(127);
}

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0)
            return; // the reader has seen enough
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace

Pager choose_pager(const PagerWish& wish) {
    Pager pager{.secure = wish.elevated};
    if (wish.secure && *wish.secure)
        pager.secure = parse_bool(wish.secure).value_or(true);
    const char* wanted = wish.systemd_pager ? wish.systemd_pager : wish.pager;
    // Of another pager it is not known whether it minds LESSSECURE=.
    const bool own_choice = wanted && (!pager.secure || (wish.secure && *wish.secure));
    if (wanted && (*wanted == '\0' || std::string_view{wanted} == "cat"))
        return pager;
    if (own_choice)
        pager.commands = {wanted};
    else if (pager.secure)
        pager.commands = {"less"};
    else
        pager.commands = {"less", "more"};
    return pager;
}

Pager pager_here() {
    return choose_pager({.systemd_pager = ::getenv("SYSTEMD_PAGER"),
                         .pager = ::getenv("PAGER"),
                         .secure = ::getenv("SYSTEMD_PAGERSECURE"),
                         .elevated = is_elevated()});
}

bool page(const Pager& pager, std::string_view text) {
    std::array<int, 2> ends{};
    if (pager.commands.empty() || ::pipe2(ends.data(), O_CLOEXEC) < 0)
        return false;
    const Fd reading{ends[0]};
    Fd writing{ends[1]};
    const pid_t child = ::fork();
    if (child < 0)
        return false;
    if (child == 0) {
        ::dup2(reading.get(), STDIN_FILENO);
        become(pager);
    }
    // Ctrl-C is the pager's business; and it may end before it has read all.
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGPIPE, SIG_IGN);
    write_all(writing.get(), text);
    writing = Fd{};
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

} // namespace reapd
