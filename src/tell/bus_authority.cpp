// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus_authority.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace reapd {
namespace {

using namespace std::chrono_literals;

/// Questions that may be open at once: so many to the bus, and as many to polkit, which is not
/// asked about root. For one connection and one user fewer, so that nobody uses up those of the
/// others.
constexpr std::ptrdiff_t most_pending = 64;
constexpr std::ptrdiff_t most_of_one = 4;

constexpr std::uint64_t usec(std::chrono::microseconds span) {
    return static_cast<std::uint64_t>(span.count());
}
constexpr std::uint64_t bus_answers = usec(2s);
constexpr std::uint64_t polkit_answers = usec(25s);
constexpr std::uint64_t person_answers = usec(2min);

constexpr const char* access_denied = SD_BUS_ERROR_ACCESS_DENIED;
constexpr const char* too_many = "Too many orders wait to be permitted.";

/// UnixUserID and ProcessID of GetConnectionCredentials' a{sv}. False without a user.
bool read_credentials(sd_bus_message* answer, Requester& requester) {
    bool found = false;
    if (sd_bus_message_enter_container(answer, 'a', "{sv}") < 0)
        return false;
    while (sd_bus_message_enter_container(answer, 'e', "sv") > 0) {
        const char* key = nullptr;
        if (sd_bus_message_read(answer, "s", &key) < 0)
            return false;
        const std::string_view name{key};
        int r = 0;
        if (name == "UnixUserID")
            found = (r = sd_bus_message_read(answer, "v", "u", &requester.uid)) >= 0;
        else if (name == "ProcessID")
            r = sd_bus_message_read(answer, "v", "u", &requester.pid);
        else
            r = sd_bus_message_skip(answer, "v");
        if (r < 0 || sd_bus_message_exit_container(answer) < 0)
            return false;
    }
    return found;
}

/// What polkit puts into its message, an a{ss}. Returns 0 or a negative errno.
int append_details(sd_bus_message* question, const Permission& asked) {
    int r = sd_bus_message_open_container(question, SD_BUS_TYPE_ARRAY, "{ss}");
    for (const auto& [key, text] : {std::pair{"cgroup", &asked.cgroup}, {"reason", &asked.reason}})
        if (r >= 0 && !text->empty())
            r = sd_bus_message_append(question, "{ss}", key, text->c_str());
    return r < 0 ? r : sd_bus_message_close_container(question);
}

} // namespace

std::string to_text(const Requester& requester) {
    return requester.pid > 0 ? fmt::format("user {} (process {})", requester.uid, requester.pid)
                             : fmt::format("user {}", requester.uid);
}

void Authority::check(sd_bus_message* call, Permission asked, Permitted permitted) {
    const char* const sender = sd_bus_message_get_sender(call);
    if (sender == nullptr) {
        Call{call}.refuse(access_denied, "Nobody knows who you are.");
        return;
    }
    const auto asks_bus = [](const Pending& other) { return !other.asks_polkit; };
    const auto of_sender = [&](const Pending& other) {
        return asks_bus(other) && other.call.sender() == sender;
    };
    if (std::ranges::count_if(pending_, asks_bus) >= most_pending ||
        std::ranges::count_if(pending_, of_sender) >= most_of_one) {
        Call{call}.refuse(SD_BUS_ERROR_LIMITS_EXCEEDED, too_many);
        return;
    }
    Pending& pending = pending_.emplace_back(Pending{.authority = this,
                                                     .asked = std::move(asked),
                                                     .call = Call{call},
                                                     .permitted = std::move(permitted)});
    // Not sd_bus_query_sender_creds(3), which waits for the answer.
    sd_bus* const bus = sd_bus_message_get_bus(call);
    sd_bus_message* made = nullptr;
    int r =
        sd_bus_message_new_method_call(bus, &made, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetConnectionCredentials");
    const sd::BusMessage question{made};
    if (r >= 0)
        r = sd_bus_message_append(made, "s", sender);
    sd_bus_slot* slot = nullptr;
    if (r >= 0)
        r = sd_bus_call_async(bus, &slot, made, on_credentials, &pending, bus_answers);
    pending.slot.reset(slot);
    if (r < 0)
        refuse(pending, access_denied, "The bus cannot be asked who you are.");
}

int Authority::on_credentials(sd_bus_message* answer, void* userdata, sd_bus_error*) noexcept {
    Pending& pending = *static_cast<Pending*>(userdata);
    Authority& self = *pending.authority;
    const auto of_user = [&](const Pending& other) {
        return other.asks_polkit && other.requester.uid == pending.requester.uid;
    };
    if (sd_bus_message_is_method_error(answer, nullptr) > 0 ||
        !read_credentials(answer, pending.requester)) {
        self.refuse(pending, access_denied, "The bus does not say who you are.");
    } else if (pending.requester.uid == 0) {
        self.permit(pending);
    } else if (std::ranges::count(self.pending_, true, &Pending::asks_polkit) >= most_pending ||
               std::ranges::count_if(self.pending_, of_user) >= most_of_one) {
        self.refuse(pending, SD_BUS_ERROR_LIMITS_EXCEEDED, too_many);
    } else if (ask_polkit(pending) < 0) {
        self.refuse(pending, access_denied, "polkit cannot be asked whether you may.");
    }
    return 0;
}

int Authority::ask_polkit(Pending& pending) {
    if (pending.asked.action_for)
        pending.asked.action = pending.asked.action_for(pending.requester);
    sd_bus_message* const call = pending.call.message();
    sd_bus* const bus = sd_bus_message_get_bus(call);
    const bool interactive = sd_bus_message_get_allow_interactive_authorization(call) > 0;
    sd_bus_message* made = nullptr;
    int r = sd_bus_message_new_method_call(
        bus, &made, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
        "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization");
    const sd::BusMessage question{made};
    constexpr std::uint32_t allow_user_interaction = 1;
    if (r >= 0)
        r = sd_bus_message_append(made, "(sa{sv})s", "system-bus-name", 1, "name", "s",
                                  sd_bus_message_get_sender(call), pending.asked.action);
    if (r >= 0)
        r = append_details(made, pending.asked);
    if (r >= 0)
        r = sd_bus_message_append(made, "us", interactive ? allow_user_interaction : 0U, "");
    if (r < 0)
        return r;
    sd_bus_slot* slot = nullptr;
    r = sd_bus_call_async(bus, &slot, made, on_polkit, &pending,
                          interactive ? person_answers : polkit_answers);
    if (r < 0)
        return r;
    pending.asks_polkit = true;
    pending.slot.reset(slot);
    return r;
}

int Authority::on_polkit(sd_bus_message* answer, void* userdata, sd_bus_error*) noexcept {
    Pending& pending = *static_cast<Pending*>(userdata);
    Authority& self = *pending.authority;
    int authorized = 0;
    int challenge = 0;
    if (sd_bus_message_is_method_error(answer, nullptr) > 0 ||
        sd_bus_message_enter_container(answer, 'r', "bba{ss}") < 0 ||
        sd_bus_message_read(answer, "bb", &authorized, &challenge) < 0) {
        self.refuse(pending, access_denied, "Only root may do this, since polkit does not answer.");
    } else if (authorized != 0 && pending.asked.action_for &&
               std::string_view{pending.asked.action_for(pending.requester)} !=
                   pending.asked.action) {
        self.refuse(pending, access_denied, "It was changed while you were asked.");
    } else if (authorized != 0) {
        self.permit(pending);
    } else if (challenge != 0 &&
               sd_bus_message_get_allow_interactive_authorization(pending.call.message()) <= 0) {
        self.refuse(pending, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                    "You have to authenticate for this, and the call does not let you be asked.");
    } else {
        self.refuse(pending, access_denied,
                    fmt::format("polkit does not let you do this ({}).", pending.asked.action));
    }
    return 0;
}

void Authority::permit(Pending& pending) {
    const Permitted permitted = std::move(pending.permitted);
    const Requester requester = pending.requester;
    Call call = std::move(pending.call);
    drop(pending);
    permitted(std::move(call), requester);
}

void Authority::refuse(Pending& pending, const char* error, const std::string& sentence) {
    pending.call.refuse(error, sentence);
    drop(pending);
}

void Authority::drop(const Pending& pending) noexcept {
    std::erase_if(pending_, [&](const Pending& each) { return &each == &pending; });
}

} // namespace reapd
