// SPDX-License-Identifier: LGPL-2.1-or-later
#include "managed/socket.hpp"

#include "managed/message.hpp"
#include "managed/server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <systemd/sd-login.h>

#include <array>
#include <cerrno>
#include <utility>

namespace reapd {
namespace {

// Whatever else the loop has to do comes first.
constexpr std::int64_t priority = SD_EVENT_PRIORITY_NORMAL + 50;

// A user's manager that starts all its units says something for each; a peer that never stops
// talking gets so many reads of so many bytes in a second.
constexpr std::uint64_t second = 1'000'000;
constexpr unsigned reads_per_second = 20;
constexpr std::size_t bytes_per_read = 16U << 10;
// Each takes one connection.
constexpr unsigned accepts_per_second = 500;

constexpr std::uint64_t collect_changes_for = 250'000;
// When there are no descriptors left, connections wait in the listener's queue.
constexpr std::uint64_t pause_after_failure = second;

// One user can have many user ids in a user namespace.
constexpr std::size_t most_complaints = 256;

void in_background(sd_event_source* source, unsigned per_second) {
    // Neither fails for a source that has just been made.
    (void)sd_event_source_set_priority(source, priority);
    (void)sd_event_source_set_ratelimit(source, second, per_second);
}

/// On whose connections a peer counts. A user's manager runs with its user id in that user's slice.
/// Whoever else connects counts as one: a user can have thousands of other user ids, and not be in
/// his slice, as when cron starts his jobs. So does who has ended or cannot be looked at.
uid_t account_of(const ucred& who) {
    constexpr uid_t strangers = ~uid_t{0};
    uid_t owner = strangers;
    if (who.uid != 0)
        (void)::sd_pid_get_owner_uid(who.pid, &owner);
    return who.uid == 0 || owner == who.uid ? who.uid : strangers;
}

/// Not later than it was going to ring already, or a peer that never stops could put it off for
/// ever.
void start(sd_event_source* timer, std::uint64_t after) {
    if (sd_event_source_get_enabled(timer, nullptr) > 0)
        return;
    (void)sd_event_source_set_time_relative(timer, after);
    (void)sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

} // namespace

ManagedSocket::Server::Server(sd_event* loop, std::function<void()> changed,
                              std::function<void(const std::string&)> complain, SocketLimits limits)
    : loop_{loop}, changed_{std::move(changed)}, complain_{std::move(complain)}, limits_{limits},
      ledger_{limits.claims_per_user} {}

Result<sd::EventSource> ManagedSocket::Server::add_timer(sd_event_time_handler_t handler) {
    sd_event_source* made = nullptr;
    if (const int r = sd_event_add_time(loop_, &made, CLOCK_MONOTONIC, 0, 0, handler, this); r < 0)
        return failed("sd_event_add_time", -r);
    sd::EventSource source{made};
    (void)sd_event_source_set_enabled(made, SD_EVENT_OFF);
    (void)sd_event_source_set_priority(made, priority);
    return source;
}

Result<> ManagedSocket::Server::listen(std::vector<Fd> listeners) {
    for (auto [place, handler] :
         {std::pair{&tell_, &on_changed}, std::pair{&reopen_, &on_reopen}}) {
        Result<sd::EventSource> timer = add_timer(handler);
        if (!timer)
            return std::unexpected(timer.error());
        *place = std::move(*timer);
    }
    for (Fd& fd : listeners) {
        const int flags = ::fcntl(fd.get(), F_GETFL);
        if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) < 0)
            return failed("fcntl");
        sd_event_source* made = nullptr;
        if (const int r = sd_event_add_io(loop_, &made, fd.get(), EPOLLIN, on_connection, this);
            r < 0)
            return failed("sd_event_add_io", -r);
        listeners_.push_back({.fd = std::move(fd), .source = sd::EventSource{made}});
        in_background(made, accepts_per_second);
    }
    return {};
}

int ManagedSocket::Server::on_connection(sd_event_source*, int fd, std::uint32_t,
                                         void* self) noexcept {
    auto& server = *static_cast<Server*>(self);
    if (!server.accept_one(fd))
        server.pause();
    return 0;
}

/// False if no connection can be accepted for now.
bool ManagedSocket::Server::accept_one(int listener) {
    Fd fd{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!fd)
        return errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != ENOBUFS;
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
        return true;
    if (const uid_t account = account_of(who); room_for(who, account))
        admit(std::move(fd), who, account);
    return true;
}

bool ManagedSocket::Server::room_for(const ucred& who, uid_t account) {
    std::size_t same = 0;
    std::size_t users = 0;
    for (const auto& [id, peer] : peers_) {
        same += peer.account == account;
        users += peer.who.uid != 0;
    }
    const bool room = who.uid == 0
                          ? same < limits_.connections_of_root
                          : same < limits_.connections_per_user && users < limits_.connections;
    if (!room)
        complain(who, Trouble::Connections, "there are too many connections");
    return room;
}

void ManagedSocket::Server::admit(Fd fd, const ucred& who, uid_t account) {
    const ConnectionId id = ++last_id_;
    Peer& peer = peers_
                     .try_emplace(id, Peer{.server = this,
                                           .id = id,
                                           .fd = std::move(fd),
                                           .who = who,
                                           .account = account,
                                           .input = MessageBuffer{limits_.message}})
                     .first->second;
    sd_event_source* made = nullptr;
    if (sd_event_add_io(loop_, &made, peer.fd.get(), EPOLLIN, on_input, &peer) < 0) {
        peers_.erase(id);
        return;
    }
    peer.source.reset(made);
    in_background(made, reads_per_second);
}

void ManagedSocket::Server::pause() {
    for (const Listener& listener : listeners_)
        (void)sd_event_source_set_enabled(listener.source.get(), SD_EVENT_OFF);
    start(reopen_.get(), pause_after_failure);
}

int ManagedSocket::Server::on_reopen(sd_event_source*, std::uint64_t, void* self) noexcept {
    for (const Listener& listener : static_cast<Server*>(self)->listeners_)
        (void)sd_event_source_set_enabled(listener.source.get(), SD_EVENT_ON);
    return 0;
}

int ManagedSocket::Server::on_input(sd_event_source*, int, std::uint32_t, void* self) noexcept {
    auto& peer = *static_cast<Peer*>(self);
    Server& server = *peer.server;
    if (server.take_input(peer) == Next::Close)
        server.close(peer.id);
    return 0;
}

ManagedSocket::Server::Next ManagedSocket::Server::take_input(Peer& peer) {
    std::array<char, bytes_per_read> bytes;
    const ssize_t n = ::recv(peer.fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? Next::Stay : Next::Close;
    peer.input.append({bytes.data(), static_cast<std::size_t>(n)});
    while (const std::optional<std::string_view> message = peer.input.next())
        if (take_message(peer, *message) == Next::Close)
            return Next::Close;
    if (!peer.input.too_long())
        return Next::Stay;
    complain(peer.who, Trouble::Message,
             fmt::format("a message has more than {} bytes", limits_.message));
    return Next::Close;
}

ManagedSocket::Server::Next ManagedSocket::Server::take_message(Peer& peer, std::string_view text) {
    const auto answer = answer_message(text, peer.who.uid);
    if (!answer) {
        complain(peer.who, Trouble::Message, to_text(answer.error()));
        return Next::Close;
    }
    if (!answer->entries.fault.empty())
        complain(peer.who, Trouble::Entry, answer->entries.fault);
    if (ledger_.apply(peer.id, peer.who.uid, answer->entries.good) > 0)
        complain(peer.who, Trouble::Claims,
                 fmt::format("its user names more than {} cgroups, the others are left out",
                             limits_.claims_per_user));
    if (!answer->entries.good.empty())
        start(tell_.get(), collect_changes_for);
    if (answer->reply.empty())
        return Next::Stay;
    const std::string& reply = answer->reply;
    const ssize_t sent =
        ::send(peer.fd.get(), reply.data(), reply.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(reply.size()))
        return Next::Stay;
    if (sent >= 0 || errno == EAGAIN)
        complain(peer.who, Trouble::Unread, "it does not read the replies to its calls");
    return Next::Close;
}

void ManagedSocket::Server::close(ConnectionId id) {
    ledger_.forget(id);
    peers_.erase(id);
    start(tell_.get(), collect_changes_for);
}

int ManagedSocket::Server::on_changed(sd_event_source*, std::uint64_t, void* self) noexcept {
    auto& server = *static_cast<Server*>(self);
    std::vector<Claim> now = server.ledger_.claims();
    if (now == server.told_)
        return 0;
    server.told_ = std::move(now);
    server.changed_();
    return 0;
}

void ManagedSocket::Server::complain(const ucred& who, Trouble trouble, std::string_view what) {
    if (complained_.size() < most_complaints && complained_.emplace(who.uid, trouble).second)
        complain_(fmt::format("Process {} of user {} at the socket for ManagedOOM: {}.", who.pid,
                              who.uid, what));
}

ManagedSocket::ManagedSocket(sd_event* loop, std::function<void()> changed,
                             std::function<void(const std::string&)> complain, SocketLimits limits)
    : server_{std::make_unique<Server>(loop, std::move(changed), std::move(complain), limits)} {}

ManagedSocket::~ManagedSocket() = default;

Result<> ManagedSocket::listen(std::vector<Fd> listeners) noexcept {
    return server_->listen(std::move(listeners));
}

std::vector<Claim> ManagedSocket::claims() const { return server_->claims(); }

} // namespace reapd
