// SPDX-License-Identifier: LGPL-2.1-or-later

/// reapd-notify: tells the person at the screen which of his programs reapd has ended, and why.
/// A service of the user, off by default; see reapd-notify(8).

#include "notify/desktop_file.hpp"
#include "notify/notifier.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

using namespace reapd;

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value ? value : "";
}

/// By the order that setlocale(3) has for messages.
std::string locale() {
    for (const char* const name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (std::string value = variable(name); !value.empty())
            return value;
    return "C";
}

int complain(const char* what, int error) {
    std::fprintf(stderr, "<3>%s: %s\n", what, std::strerror(-error));
    return EXIT_FAILURE;
}

/// Ends the loop when the bus is gone; the service manager starts the program again.
int on_gone(sd_bus_message* message, void*, sd_bus_error*) noexcept {
    sd_bus* const bus = sd_bus_message_get_bus(message);
    return sd_event_exit(sd_bus_get_event(bus), EXIT_FAILURE);
}

int follow(sd_bus* bus, sd_event* loop) {
    int r = sd_bus_match_signal(bus, nullptr, nullptr, "/org/freedesktop/DBus/Local",
                                "org.freedesktop.DBus.Local", "Disconnected", on_gone, nullptr);
    if (r >= 0)
        r = sd_bus_attach_event(bus, loop, 0);
    return r;
}

int run() {
    sd_event* made = nullptr;
    if (const int r = sd_event_default(&made); r < 0)
        return complain("No event loop", r);
    const sd::Event loop{made};
    for (const int number : {SIGTERM, SIGINT}) {
        sigset_t blocked;
        sigemptyset(&blocked);
        sigaddset(&blocked, number);
        ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
        if (const int r = sd_event_add_signal(made, nullptr, number, nullptr, nullptr); r < 0)
            return complain("Cannot take signals", r);
    }

    sd_bus* opened = nullptr;
    if (const int r = sd_bus_open_user(&opened); r < 0)
        return complain("No session bus", r);
    const sd::Bus session{opened};
    if (const int r = sd_bus_open_system(&opened); r < 0)
        return complain("No system bus", r);
    const sd::Bus system{opened};
    for (sd_bus* const bus : {session.get(), system.get()})
        if (const int r = follow(bus, made); r < 0)
            return complain("Cannot follow a bus", r);

    const auto folders =
        data_folders(variable("HOME"), variable("XDG_DATA_HOME"), variable("XDG_DATA_DIRS"));
    const std::string language = locale();
    Notifier notifier{
        session.get(), ::getuid(), [&](const Program& program) {
            return application_name(program.id, folders, language).value_or(program.name);
        }};
    if (const Result<> listening = notifier.listen(system.get()); !listening)
        return complain("Cannot listen to reapd", -listening.error().code);
    return sd_event_loop(made);
}

} // namespace

int main() { return run(); }
