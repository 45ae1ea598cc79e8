// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Who may order something over the bus: root, and whom polkit lets. Asked without waiting: a
/// person may take minutes to type a password, and a bus or a polkit that hangs holds up nobody
/// but who asked.

#include "tell/bus_call.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <string>

namespace reapd {

/// Who gave an order.
struct Requester {
    std::uint32_t uid = 0;
    std::uint32_t pid = 0; ///< 0: unknown
};

/// "user 1000 (process 4321)"
std::string to_text(const Requester& requester);

/// What somebody wants to be let do. Who has to authenticate for it is shown the cgroup.
struct Permission {
    const char* action = nullptr; ///< polkit's name of it
    std::string cgroup{};         ///< escaped, as the next
    std::string reason{};
    /// Where it depends on who asks: polkit's name of it for him. It is worked out once more when
    /// polkit has permitted it, since time has passed; if it is another then, he may not.
    std::function<const char*(const Requester&)> action_for{};
};

class Authority {
public:
    using Permitted = std::function<void(Call, const Requester&)>;

    /// Calls `permitted` if who made `call` may do what is asked, some time later; else answers the
    /// call with an error. Whether a person may be asked is the call's own to say.
    void check(sd_bus_message* call, Permission asked, Permitted permitted);

    /// The bus is gone: what is pending will never be answered.
    void forget() noexcept { pending_.clear(); }

private:
    struct Pending {
        Authority* authority = nullptr;
        Permission asked{};
        Call call;
        Permitted permitted;
        Requester requester{};
        bool asks_polkit = false;
        sd::BusSlot slot{};
    };

    static int on_credentials(sd_bus_message* answer, void* userdata, sd_bus_error*) noexcept;
    static int on_polkit(sd_bus_message* answer, void* userdata, sd_bus_error*) noexcept;
    static int ask_polkit(Pending& pending);
    void permit(Pending& pending);
    void refuse(Pending& pending, const char* error, const std::string& sentence);
    void drop(const Pending& pending) noexcept;

    std::list<Pending> pending_{};
};

} // namespace reapd
