// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// How a ManagedSocket does it: listeners, peers, and two alarm clocks that are off at rest.

#include "base/sd.hpp"
#include "managed/ledger.hpp"
#include "managed/message_buffer.hpp"
#include "managed/socket.hpp"

#include <sys/socket.h>

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace reapd {

class ManagedSocket::Server {
public:
    Server(sd_event* loop, std::function<void()> changed,
           std::function<void(const std::string&)> complain, SocketLimits limits);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    Result<> listen(std::vector<Fd> listeners);
    std::vector<Claim> claims() const { return ledger_.claims(); }

private:
    struct Listener {
        Fd fd{};
        sd::EventSource source{};
    };
    struct Peer {
        Server* server = nullptr;
        ConnectionId id = 0;
        Fd fd{};
        ucred who{};       ///< as it was when it connected
        uid_t account = 0; ///< on whose connections it counts
        MessageBuffer input;
        sd::EventSource source{};
    };
    enum class Trouble : std::uint8_t { Connections, Claims, Message, Entry, Unread };
    enum class Next : std::uint8_t { Stay, Close };

    static int on_connection(sd_event_source*, int fd, std::uint32_t, void* self) noexcept;
    static int on_input(sd_event_source*, int, std::uint32_t, void* self) noexcept;
    static int on_changed(sd_event_source*, std::uint64_t, void* self) noexcept;
    static int on_reopen(sd_event_source*, std::uint64_t, void* self) noexcept;

    Result<sd::EventSource> add_timer(sd_event_time_handler_t handler);
    bool accept_one(int listener);
    bool room_for(const ucred& who, uid_t account);
    void admit(Fd fd, const ucred& who, uid_t account);
    void pause();
    Next take_input(Peer& peer);
    Next take_message(Peer& peer, std::string_view text);
    void close(ConnectionId id);
    void complain(const ucred& who, Trouble trouble, std::string_view what);

    sd_event* loop_;
    std::function<void()> changed_;
    std::function<void(const std::string&)> complain_;
    SocketLimits limits_;
    Ledger ledger_;
    std::vector<Claim> told_{}; ///< when changed_ was called last
    std::set<std::pair<std::uint32_t, Trouble>> complained_{};
    ConnectionId last_id_ = 0;
    std::map<ConnectionId, Peer> peers_{};
    std::vector<Listener> listeners_{};
    sd::EventSource tell_{};
    sd::EventSource reopen_{};
};

} // namespace reapd
