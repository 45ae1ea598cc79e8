// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/escape.hpp"
#include "tell/bus_state.hpp"

#include <fmt/format.h>
#include <syslog.h>

#include <cstdlib>
#include <cstring>

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// Short enough that nobody waits for us after `systemctl restart dbus`, long enough to cost
/// nothing where there never is a bus.
constexpr Microseconds retry_after = 5s;

/// libsystemd asks the bus who wants to change the log level before it lets that pass, and waits
/// for the answer. The front may stand still so long while a bus hangs; the guard is another
/// thread.
constexpr Microseconds longest_question = 2s;

constexpr const char* local_service = "org.freedesktop.DBus.Local";
constexpr const char* local_path = "/org/freedesktop/DBus/Local";

const char* bus_address() {
    const char* const given = ::secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
    return given ? given : "unix:path=/run/dbus/system_bus_socket";
}

// Not sd::Bus: that writes out what is queued first, and a bus that hangs never takes it.
using LinkedBus = std::unique_ptr<sd_bus, sd::Unref<sd_bus_close_unref>>;

/// A name, what is offered under it, and what is said when it cannot be had.
struct Offered {
    const char* name;
    Result<> (BusFace::*offer)(sd_bus*) noexcept;
    void (BusFace::*withdraw)() noexcept;
    int priority;
    const char* taken;
    bool stands_in;   ///< the name is another's, and ours only while that one is away
    bool says_absent; ///< one of the two is enough to say that there is no bus
};

constexpr Offered own{.name = bus_name::service,
                      .offer = &BusFace::offer,
                      .withdraw = &BusFace::withdraw,
                      .priority = LOG_ERR,
                      .taken = "this one is not reachable there until it ends.",
                      .stands_in = false,
                      .says_absent = true};

constexpr Offered oom1{.name = bus_name::oom1_service,
                       .offer = &BusFace::offer_oom1,
                       .withdraw = &BusFace::withdraw_oom1,
                       .priority = LOG_INFO,
                       .taken = "oomctl and desktops hear of that one until it ends.",
                       .stands_in = true,
                       .says_absent = false};

} // namespace

struct BusLink::Link {
    const Offered& offered;
    sd_event* loop;
    BusFace& face;
    Journal& journal;
    BusGuest guest{};
    LinkedBus bus{};
    sd::BusSlot up_slot{};
    sd::BusSlot down_slot{};
    sd::BusSlot name_slot{};
    sd::EventSource timer{};
    bool said_absent = false;
    bool said_up = false; ///< to the guest
    bool claimed = false; ///< the name is ours, asked for or waited for

    void say(int priority, const std::string& text) const { journal.send(Entry{priority, text}); }

    bool connected() const noexcept { return bus && sd_bus_is_ready(bus.get()) > 0; }

    void say_up() {
        if (!std::exchange(said_up, true) && guest.up)
            guest.up(bus.get());
    }

    void say_down() {
        if (std::exchange(said_up, false) && guest.down)
            guest.down();
    }

    void drop() noexcept {
        say_down();
        (face.*offered.withdraw)();
        name_slot.reset();
        up_slot.reset();
        down_slot.reset();
        bus.reset();
        claimed = false;
    }

    void look_later() noexcept {
        sd_event_source* source = nullptr;
        if (sd_event_add_time_relative(loop, &source, CLOCK_MONOTONIC,
                                       static_cast<std::uint64_t>(retry_after.count()), 0, on_timer,
                                       this) < 0)
            source = nullptr; // Out of memory: no bus until the next start.
        timer.reset(source);
    }

    void say_absent(int error) {
        if (std::exchange(said_absent, true) || !offered.says_absent)
            return;
        std::string text = "There is no system bus";
        if (error != 0)
            text += std::string{" ("} + ::strerror(error) + ")";
        say(LOG_WARNING, text + "; reapd works without, and connects when one appears.");
    }

    /// Begins to connect; the loop does the rest.
    /// @return 0 or a negative errno
    int open() noexcept {
        sd_bus* made = nullptr;
        int r = sd_bus_new(&made);
        if (r < 0)
            return r;
        bus.reset(made);
        (void)sd_bus_set_description(made, "reapd");  // For debugging only.
        (void)sd_bus_set_exit_on_disconnect(made, 0); // The default.
        (void)sd_bus_set_connected_signal(made, 1);
        (void)sd_bus_set_watch_bind(made, 1); // Before the bus is up, its socket is waited for.
        r = sd_bus_set_address(made, bus_address());
        if (r >= 0)
            r = sd_bus_set_bus_client(made, 1);
        if (r >= 0)
            r = sd_bus_attach_event(made, loop, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
            r = watch(local_path, "Connected", up_slot, on_up);
        if (r >= 0)
            r = watch(local_path, "Disconnected", down_slot, on_down);
        if (r >= 0)
            r = sd_bus_start(made);
        if (r < 0)
            return r;
        if (const auto done = (face.*offered.offer)(made); !done)
            return -done.error().code;

        return claim();
    }

    /// @return 0 or a negative errno
    int claim() noexcept {
        const bool wanted = !offered.stands_in || face.stands_in();
        if (!bus || wanted == claimed)
            return 0;
        claimed = wanted;
        sd_bus_slot* slot = nullptr;
        // Queued, not refused, when somebody else has it: the name comes to us when they go.
        const int r =
            wanted ? sd_bus_request_name_async(bus.get(), &slot, offered.name, SD_BUS_NAME_QUEUE,
                                               on_name, this)
                   : sd_bus_release_name_async(bus.get(), &slot, offered.name, on_released, this);
        name_slot.reset(slot);
        return r;
    }

    int watch(const char* path, const char* member, sd::BusSlot& into,
              sd_bus_message_handler_t handler) noexcept {
        sd_bus_slot* slot = nullptr;
        const int r = sd_bus_match_signal(bus.get(), &slot, local_service, path, local_service,
                                          member, handler, this);
        into.reset(slot);
        return r;
    }

    void connect() noexcept {
        drop();
        if (const int r = open(); r < 0) {
            drop();
            say_absent(-r);
        }
        look_later();
    }

    static int on_timer(sd_event_source*, std::uint64_t, void* userdata) noexcept {
        Link& self = *static_cast<Link*>(userdata);
        if (self.connected())
            return 0;
        // Still on its way, or waiting for the socket: that needs no help, only a word.
        if (self.bus && sd_bus_is_open(self.bus.get()) > 0)
            self.say_absent(0);
        else
            self.connect();
        return 0;
    }

    static int on_up(sd_bus_message*, void* userdata, sd_bus_error*) noexcept {
        Link& self = *static_cast<Link*>(userdata);
        (void)sd_bus_set_method_call_timeout(self.bus.get(),
                                             static_cast<std::uint64_t>(longest_question.count()));
        if (std::exchange(self.said_absent, false) && self.offered.says_absent)
            self.say(LOG_INFO, "Connected to the system bus.");
        self.say_up();
        return 0;
    }

    static int on_down(sd_bus_message*, void* userdata, sd_bus_error*) noexcept {
        Link& self = *static_cast<Link*>(userdata);
        self.say_absent(ECONNRESET);
        self.say_down();
        self.look_later(); // Not now: libsystemd is still inside this connection.
        return 0;
    }

    static int on_released(sd_bus_message*, void*, sd_bus_error*) noexcept { return 0; }

    static int on_name(sd_bus_message* answer, void* userdata, sd_bus_error*) noexcept {
        Link& self = *static_cast<Link*>(userdata);
        std::uint32_t got = 0;
        if (sd_bus_message_is_method_error(answer, nullptr) > 0) {
            const char* const why = sd_bus_message_get_error(answer)->message;
            self.say(self.offered.priority,
                     fmt::format("The bus does not let reapd own {}: {}", self.offered.name,
                                 escape(why ? why : "no reason given")));
        } else if (sd_bus_message_read(answer, "u", &got) >= 0 && (got == 2 || got == 3)) {
            // DBUS_REQUEST_NAME_REPLY_IN_QUEUE and _EXISTS.
            self.say(self.offered.priority,
                     fmt::format("Another process owns {} on the system bus; {}", self.offered.name,
                                 self.offered.taken));
        }
        return 0;
    }
};

BusLink::BusLink(sd_event* loop, BusFace& face, Journal& journal, BusGuest guest)
    : own_{new Link{.offered = own,
                    .loop = loop,
                    .face = face,
                    .journal = journal,
                    .guest = std::move(guest)}},
      oom1_{new Link{.offered = oom1, .loop = loop, .face = face, .journal = journal}} {}

BusLink::~BusLink() {
    oom1_->drop();
    own_->drop();
}

void BusLink::start() noexcept {
    own_->connect();
    oom1_->connect();
}

void BusLink::rivals_changed() noexcept {
    (void)oom1_->claim(); // What fails here fails with the connection, and that is made anew.
}

bool BusLink::connected() const noexcept { return own_->connected(); }

} // namespace reapd
