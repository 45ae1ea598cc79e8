// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// From signals of org.reapd1 on one bus to notifications on another: of cgroups in the slice of
/// one user. A notification appears with the kill and is replaced when it is known what that gave.
/// That of a freeze asks what to do, and what is answered is ordered of reapd; it goes when the
/// cgroup does not stand frozen any more.

#include "base/result.hpp"
#include "base/sd.hpp"
#include "notify/bulletin.hpp"
#include "notify/details.hpp"
#include "notify/program.hpp"

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace reapd {

class Notifier {
public:
    /// What a person calls a program.
    using Names = std::function<std::string(const Program&)>;

    Notifier(sd_bus* session, uid_t user, Names names);
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    /// Errors: what sd_bus_match_signal(3) returns.
    Result<> listen(sd_bus* system);

private:
    struct Case {
        Notifier* owner = nullptr;
        Kill kill{};
        std::optional<Freeze> freeze{}; ///< if it was that and no kill
        std::uint32_t shown = 0;        ///< number of the notification; 0: none yet
        bool stale = false;             ///< something is known that it does not say yet
        bool over = false;              ///< nothing stands frozen any more: to be closed
        sd::BusSlot asking{};           ///< the call that waits for its number
    };
    void take_acted(sd_bus_message* signal);
    void take_freeze(Case& mine, std::string victim, const char* rule, const Details& details);
    void withdraw_freezes(const std::string* cgroup = nullptr);
    void close(const Case& shown);
    void take_answer(std::uint32_t notification, std::string_view answer);
    void order(const char* member, const std::string& cgroup);
    void take_completed(sd_bus_message* signal);
    void show(Case& shown);
    int send(Case& shown);
    static int on_signal(sd_bus_message* signal, void* self, sd_bus_error*) noexcept;
    static int on_owner(sd_bus_message* signal, void* self, sd_bus_error*) noexcept;
    static int on_answer(sd_bus_message* signal, void* self, sd_bus_error*) noexcept;
    static int on_ordered(sd_bus_message* answer, void* self, sd_bus_error*) noexcept;
    static int on_shown(sd_bus_message* answer, void* of, sd_bus_error*) noexcept;

    sd_bus* session_;
    sd_bus* system_ = nullptr;
    uid_t user_;
    Names names_;
    std::map<std::uint64_t, Case> cases_{}; ///< the last few, by the number of the action
    sd::BusSlot acted_{};
    sd::BusSlot completed_{};
    sd::BusSlot answered_{};
    sd::BusSlot owned_{};
};

} // namespace reapd
