// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Closes our socket when we are stopped for good. Users' managers connect again as soon as they
/// are cut off, which would start us again; but when we are restarted the socket has to stay, since
/// they try once only. Units cannot say that: PropagatesStopTo= closes it in both cases (seen with
/// systemd 252 after a crash, with 257 and 262 always).

#include "base/sd.hpp"

#include <functional>
#include <string>

namespace reapd {

class Farewell {
public:
    /// `socket`: name of the unit that holds it. `done` is called from the loop.
    Farewell(sd_event* loop, std::string socket, std::function<void()> done);

    /// Asks the system's manager which job our unit has, and stops `socket` if it is a stop. Then,
    /// or when that fails or takes longer than a second, `done` is called.
    void begin(sd_bus* bus) noexcept;

private:
    void ask(int (*fill)(sd_bus_message* call, const Farewell& self), const char* path,
             const char* interface, const char* member, sd_bus_message_handler_t handler) noexcept;
    void end() noexcept;

    static int on_unit(sd_bus_message* answer, void* self, sd_bus_error*) noexcept;
    static int on_job(sd_bus_message* answer, void* self, sd_bus_error*) noexcept;
    static int on_job_type(sd_bus_message* answer, void* self, sd_bus_error*) noexcept;
    static int on_stopped(sd_bus_message* answer, void* self, sd_bus_error*) noexcept;
    static int on_timeout(sd_event_source*, std::uint64_t, void* self) noexcept;

    sd_event* loop_;
    std::string socket_;
    std::function<void()> done_;
    sd_bus* bus_ = nullptr;
    sd::BusSlot slot_{};
    sd::EventSource timeout_{};
};

} // namespace reapd
