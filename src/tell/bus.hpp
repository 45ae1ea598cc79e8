// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The D-Bus face: org.reapd1.Manager on /org/reapd1, org.reapd1.Rule below it and
/// org.freedesktop.LogControl1, and beside them org.freedesktop.oom1. It shows the status,
/// announces events, and passes on requests through the callbacks it is given; it decides nothing.

#include "base/result.hpp"
#include "base/sd.hpp"
#include "tell/bus_authority.hpp"
#include "tell/bus_call.hpp"
#include "tell/event.hpp"
#include "tell/journal.hpp"
#include "tell/oom1_dump.hpp"
#include "tell/report.hpp"
#include "tell/status.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace reapd {

struct BusCallbacks {
    /// Reads the settings again; the text of the first error, or empty when they apply.
    std::function<std::string(const Requester&)> reload{};
    /// The dump as JSON text.
    std::function<std::string()> dump{};
    /// Pressure of the whole machine now: some avg10, avg60, avg300, full avg10, avg60, avg300.
    std::function<std::array<double, 6>()> pressure{};
    /// What ListWatched() shows beside a watched cgroup: avg10 of its memory.pressure, of the some
    /// line if the rule looks at that alone, else of the full one. Nothing when it cannot be read.
    std::function<std::optional<Permyriad>(const Watched&)> share_of{};
    /// How much the most pressed cgroup of a rule stands still now; see org.reapd1(5). Nothing for
    /// a rule without pressure and where nothing can be read.
    std::function<std::optional<Permyriad>(const Rule&)> share_of_rule{};
    /// What the rule would choose from now; answered when it is measured.
    std::function<void(Call, std::string rule)> candidates{};
    /// What becomes of the cgroup, and why; answered likewise. Both texts are unescaped.
    std::function<void(Call, std::string cgroup)> explain{};
    /// Orders of those who may give them; paths and reasons are unescaped.
    std::function<void(Call, std::string cgroup, std::string reason, const Requester&)> kill{};
    std::function<void(Call, std::string cgroup, bool frozen, const Requester&)> freeze{};
    /// Whether a rule froze the cgroup for a while; its path is unescaped.
    std::function<bool(const std::string& cgroup)> frozen_by_rule{};
    /// What oomctl(1) shows, sampled at the call.
    std::function<Oom1Dump()> oom1_dump{};
};

struct FaceState;

class BusFace {
public:
    /// `status` and `journal` must outlive it.
    BusFace(const Status& status, Journal& journal, BusCallbacks callbacks);
    ~BusFace();

    /// Offers the objects on `bus` (any connection: also one end of a socketpair in tests).
    /// Errors: what sd_bus_add_object_vtable(3) returns.
    Result<> offer(sd_bus* bus) noexcept;

    /// Offers org.freedesktop.oom1 on `bus`, which is a connection of its own: the bus daemon
    /// holds every message to the policy of all names that its receiver has, and the policy that
    /// comes with systemd-oomd denies what it does not know.
    Result<> offer_oom1(sd_bus* bus) noexcept;

    /// Whether org.freedesktop.oom1 is ours to have: while systemd-oomd runs it is not.
    bool stands_in() const noexcept;

    /// Signals Acted, Completed or Stuck and the properties that moved, and Killed of oom1; other
    /// events are silent here. Never waits; a message the bus does not take is lost and counted.
    /// Nothing is sent while there is no bus.
    void announce(const Told& told) noexcept;

    /// PropertiesChanged of State.
    void state_changed() noexcept;

    /// PropertiesChanged of what settings say. Reload() over the bus does it by itself.
    void settings_changed() noexcept;

    /// Other rules are in force: their objects come and go, or say something else.
    void rules_changed() noexcept;

    /// PropertiesChanged of one property of the rule with this name.
    void rule_moved(const std::string& name, const char* property) noexcept;

    /// Takes the objects off the bus again. The next offer() may be on another one.
    void withdraw() noexcept;
    void withdraw_oom1() noexcept;

    /// Signals that were not sent because the bus does not take what waits already.
    std::uint64_t lost() const noexcept;

private:
    void announce_killed(const Told& told) noexcept;

    std::unique_ptr<FaceState> state_;
};

/// Who else talks over the connection of a BusLink. Called from the loop, by turns.
struct BusGuest {
    /// The bus has said hello: calls and matches can be made.
    std::function<void(sd_bus*)> up{};
    /// It is gone, or about to be left; pending calls were answered with an error or will never be.
    /// Whatever was made on the bus has to go now.
    std::function<void()> down{};
};

/// Connects to the system bus, takes the names org.reapd1 and org.freedesktop.oom1 and keeps them:
/// without a bus, or when it goes away, it tries again every few seconds and nobody else notices.
/// While somebody else has a name, it waits for it. systemd-oomd does not wait: a name that it
/// cannot have at its start it never gets. So for it the name is given up, see rivals_changed().
class BusLink {
public:
    /// The bus is the one of DBUS_SYSTEM_BUS_ADDRESS, else the system's.
    BusLink(sd_event* loop, BusFace& face, Journal& journal, BusGuest guest = {});
    ~BusLink();
    void start() noexcept;
    bool connected() const noexcept;

    /// Asks for org.freedesktop.oom1 or lets go of it, as the face says.
    void rivals_changed() noexcept;

private:
    struct Link;
    std::unique_ptr<Link> own_;
    std::unique_ptr<Link> oom1_;
};

} // namespace reapd
