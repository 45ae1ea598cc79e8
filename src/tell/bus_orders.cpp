// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus_state.hpp"

#include <algorithm>

/// What may be ordered over the bus, by root and by whom polkit lets: Kill, Freeze, Thaw, Reload.

namespace reapd {
namespace {

constexpr const char* kill_action = "org.reapd1.kill";
constexpr const char* freeze_action = "org.reapd1.freeze";
constexpr const char* own_frozen_action = "org.reapd1.own-frozen";
constexpr const char* reload_action = "org.reapd1.reload";

/// So much of a reason stands in the journal.
constexpr std::size_t longest_reason = 256;

/// As much of it as is kept, but no half character.
std::string shortened(std::string reason) {
    std::size_t end = std::min(reason.size(), longest_reason);
    while (end > 0 && end < reason.size() &&
           (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80)
        --end;
    reason.resize(end);
    return reason;
}

FaceState& state_of(void* userdata) { return *static_cast<FaceState*>(userdata); }

/// What a rule froze of somebody's own is his to thaw or kill: that is why he was told of it. What
/// a person froze, or what is somebody else's, takes what every order does.
auto own_frozen_or(const char* action, const FaceState& state, const std::string& cgroup) {
    return [&state, action, cgroup](const Requester& who) {
        const bool own = user_of(cgroup) == who.uid && state.callbacks.frozen_by_rule &&
                         state.callbacks.frozen_by_rule(cgroup);
        return own ? own_frozen_action : action;
    };
}

int change(sd_bus_message* call, void* userdata, bool frozen) {
    FaceState& state = state_of(userdata);
    const char* cgroup = nullptr;
    if (const int r = sd_bus_message_read(call, "s", &cgroup); r < 0)
        return r;
    if (is_too_long(cgroup))
        return -EINVAL;
    const std::string path = unescape(cgroup);
    Permission asked{.action = freeze_action, .cgroup = sayable(cgroup)};
    if (!frozen)
        asked.action_for = own_frozen_or(freeze_action, state, path);
    state.authority.check(call, std::move(asked),
                          [&state, frozen, path](Call order, const Requester& who) {
                              if (state.callbacks.freeze)
                                  state.callbacks.freeze(std::move(order), path, frozen, who);
                          });
    return 1;
}

} // namespace

int kill_cgroup(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
    FaceState& state = state_of(userdata);
    const char* cgroup = nullptr;
    const char* reason = nullptr;
    int r = sd_bus_message_read(call, "ss", &cgroup, &reason);
    if (r >= 0)
        r = sd_bus_message_enter_container(call, SD_BUS_TYPE_ARRAY, "{sv}");
    if (r < 0)
        return r;
    if (is_too_long(cgroup) || is_too_long(reason))
        return -EINVAL;
    if (sd_bus_message_at_end(call, 0) <= 0)
        return sd_bus_error_set(error, bus_error::bad_option,
                                "There are no options yet; give an empty dictionary.");
    const std::string why = shortened(unescape(reason));
    const std::string path = unescape(cgroup);
    state.authority.check(call,
                          {.action = kill_action,
                           .cgroup = sayable(cgroup),
                           .reason = escape(why),
                           .action_for = own_frozen_or(kill_action, state, path)},
                          [&state, path, why](Call asked, const Requester& who) {
                              if (state.callbacks.kill)
                                  state.callbacks.kill(std::move(asked), path, why, who);
                          });
    return 1;
}

int freeze_cgroup(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    return change(call, userdata, true);
}

int thaw_cgroup(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    return change(call, userdata, false);
}

int reload_settings(sd_bus_message* call, void* userdata, sd_bus_error*) noexcept {
    FaceState& state = state_of(userdata);
    state.authority.check(
        call, {.action = reload_action}, [&state](Call asked, const Requester& who) {
            // Its PropertiesChanged is the front's to send: settings are read again on SIGHUP, too.
            const std::string refused = state.callbacks.reload ? state.callbacks.reload(who) : "";
            if (refused.empty())
                asked.answer();
            else
                asked.refuse(bus_error::bad_settings, "The settings stay as they were: " + refused);
        });
    return 1;
}

} // namespace reapd
