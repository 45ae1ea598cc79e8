// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The service manager's units over D-Bus: how they are, and making them otherwise. A call that
/// starts or stops returns when its job is over.

#include "ctl/handover.hpp"
#include "ctl/service.hpp"

#include <map>
#include <string>

namespace reapd {

class Units {
public:
    /// `service` is nullptr on a connection without a bus daemon, as in tests.
    explicit Units(sd_bus* bus, const char* service = "org.freedesktop.systemd1") noexcept
        : bus_{bus}, service_{service} {}

    /// Begins to listen for ends of jobs; before anything else.
    std::expected<void, Failure> follow_jobs();

    std::expected<FoundUnit, Failure> state_of(const std::string& unit);

    /// @return whether something had to be done
    std::expected<bool, Failure> make(const Step& step);

    /// Makes the manager read the unit files again, unless none has changed since the last time.
    std::expected<void, Failure> settle();

private:
    struct Method;
    template <class... Arguments>
    std::expected<sd::BusMessage, int> call(const Method& method, sd_bus_error* error,
                                            const char* types, Arguments... arguments);
    template <class... Arguments>
    std::expected<sd::BusMessage, Failure> ask(const Method& method, const std::string& what,
                                               const char* types, Arguments... arguments);
    std::expected<std::string, Failure> active_state(const std::string& unit);
    std::string result_of(const std::string& job);
    std::expected<bool, Failure> run_job(const Step& step);
    std::expected<bool, Failure> change_file(const Step& step);
    static int on_removed(sd_bus_message* signal, void* self, sd_bus_error*) noexcept;

    sd_bus* bus_;
    const char* service_;
    sd::BusSlot removed_{};
    std::map<std::string, std::string> results_{}; ///< of jobs that are over, by their path
    bool changed_ = true; ///< at first unknown: the last call may have been interrupted
};

} // namespace reapd
