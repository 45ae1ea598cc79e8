// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/journal.hpp"

#include "tell/datagram.hpp"
#include "tell/message_ids.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace reapd {
namespace {

/// One line to standard error, unless that would wait: it may be a terminal, a pipe that nobody
/// reads, or a socket of the journal.
bool write_line(std::string_view line) noexcept {
    if (::send(STDERR_FILENO, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return true;
    if (errno != ENOTSOCK)
        return false;
    pollfd waiting{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, 0) != 1 || waiting.revents != POLLOUT)
        return false;
    // A writable pipe takes PIPE_BUF bytes at once; more might wait.
    constexpr std::size_t pipe_buf = 4096;
    return ::write(STDERR_FILENO, line.data(), std::min(line.size(), pipe_buf)) >= 0;
}

bool write_console(const Entry& entry) noexcept {
    std::string line = "<" + std::to_string(entry.priority()) + ">";
    line += entry.message();
    std::ranges::replace(line, '\n', ' ');
    line += '\n';
    return write_line(line);
}

} // namespace

Entry::Entry(int priority, std::string_view message) : message_{message}, priority_{priority} {
    add("MESSAGE", message);
    add("PRIORITY", static_cast<std::uint64_t>(priority));
    add("SYSLOG_IDENTIFIER", "reapd");
}

Entry& Entry::add(std::string_view name, std::string_view value) {
    wire_ += name;
    if (value.find('\n') == std::string_view::npos) {
        wire_ += '=';
    } else {
        // The protocol wants 64 bits, little-endian, between name and value.
        wire_ += '\n';
        std::uint64_t left = value.size();
        for (int i = 0; i < 8; ++i, left >>= 8)
            wire_ += static_cast<char>(left & 0xff);
    }
    wire_ += value;
    wire_ += '\n';
    return *this;
}

Entry& Entry::add(std::string_view name, std::uint64_t value) {
    return add(name, std::to_string(value));
}

Journal::Journal(std::string path)
    : path_{std::move(path)},
      socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {}

void Journal::send(const Entry& entry) noexcept {
    if (entry.priority() > level_)
        return;
    tell_lost();
    if (deliver(entry))
        return;
    ++dropped_;
    ++untold_;
}

bool Journal::deliver(const Entry& entry) noexcept {
    const int error = to_console_ ? ENOENT : send_datagram(socket_.get(), path_, entry.wire());
    if (error == 0)
        return true;
    // EAGAIN: journald lives but does not read. The entry is lost for the journal; standard
    // error usually leads to the same journald, so there is no second try.
    return error != EAGAIN && error != ENOBUFS && write_console(entry);
}

void Journal::tell_lost() noexcept {
    if (untold_ > 0 && deliver(lost_entry(untold_)))
        untold_ = 0;
}

void Journal::send_to_user(uid_t user, const Entry& entry) noexcept {
    if (entry.priority() <= level_ && !to_console_)
        (void)send_datagram(socket_.get(), path_, entry.wire(), user);
}

Entry lost_entry(std::uint64_t count) {
    const bool one = count == 1;
    Entry entry{LOG_WARNING, std::to_string(count) + (one ? " entry" : " entries") +
                                 " could not be written while the journal did not answer."};
    entry.add(field::message_id, message_id::entries_lost);
    entry.add(field::event, "entries-lost");
    entry.add(field::count, count);
    return entry;
}

} // namespace reapd
