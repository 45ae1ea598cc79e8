// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace reapd {
namespace {

constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l"; // alternate screen, no cursor
constexpr std::string_view leave = "\x1b[?25h\x1b[?1049l";

void write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0)
            text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::size_t number_in(const char* variable, std::size_t otherwise) {
    const char* const text = ::getenv(variable);
    const long number = text ? std::strtol(text, nullptr, 10) : 0;
    return number > 0 ? static_cast<std::size_t>(number) : otherwise;
}

/// To be read from a descriptor, so that a signal never comes between drawing and giving back.
Fd take_signals() {
    sigset_t wanted;
    ::sigemptyset(&wanted);
    for (const int number : {SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP})
        ::sigaddset(&wanted, number);
    ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
    return Fd{::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)};
}

} // namespace

ScreenSize terminal_size() {
    winsize found{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) == 0 && found.ws_col > 0 && found.ws_row > 0)
        return {.width = found.ws_col, .height = found.ws_row};
    return {.width = number_in("COLUMNS", 80), .height = number_in("LINES", 24)}; // a serial line
}

Terminal::Terminal() : signals_{take_signals()} {
    termios found{};
    if (::tcgetattr(STDIN_FILENO, &found) == 0)
        before_ = found;
    take();
}

Terminal::~Terminal() { give_back(); }

void Terminal::take() const {
    if (before_) {
        termios ours = *before_;
        ours.c_lflag &= static_cast<tcflag_t>(~(ICANON | ECHO));
        ::tcsetattr(STDIN_FILENO, TCSANOW, &ours);
    }
    write_all(enter);
}

void Terminal::give_back() const {
    write_all(leave);
    if (before_)
        ::tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
}

void Terminal::show(const std::vector<std::string>& lines) const {
    std::string all = "\x1b[H";
    for (std::size_t i = 0; i < lines.size(); ++i)
        all += lines[i] + (i + 1 < lines.size() ? "\x1b[K\r\n" : "\x1b[K");
    write_all(all + "\x1b[J");
}

Terminal::Wake Terminal::wait(Microseconds span) const {
    std::array<pollfd, 2> sources{{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                   {.fd = signals_.get(), .events = POLLIN, .revents = 0}}};
    const int ready = ::poll(sources.data(), sources.size(), static_cast<int>(span.count() / 1000));
    if (ready <= 0)
        return Wake::Time;
    signalfd_siginfo signal{};
    if (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo == SIGTSTP) {
            give_back();
            (void)::raise(SIGSTOP); // until the shell's fg
            take();
            return Wake::Again;
        }
        return signal.ssi_signo == SIGWINCH ? Wake::Again : Wake::Quit;
    }
    char key = 0;
    if (::read(STDIN_FILENO, &key, 1) != 1)
        return Wake::Quit;
    return key == 'q' || key == 'Q' ? Wake::Quit : Wake::Again;
}

} // namespace reapd
