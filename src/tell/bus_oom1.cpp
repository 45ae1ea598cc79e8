// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus_state.hpp"
#include "tell/report.hpp"
#include "tell/rivals.hpp"

#include <algorithm>

/// org.freedesktop.oom1, by which desktops hear that something was killed and which oomctl(1)
/// asks: what systemd-oomd offers, for a machine where it does not run.

namespace reapd {
namespace {

int dump(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
    FaceState& state = *static_cast<FaceState*>(userdata);
    const Fd file = state.oom1_dumps.file_with(
        oom1_text(state.callbacks.oom1_dump ? state.callbacks.oom1_dump() : Oom1Dump{}));
    if (!file)
        return sd_bus_error_set(error, SD_BUS_ERROR_NO_MEMORY,
                                "The dump could not be written to a file in memory.");
    return sd_bus_reply_method_return(call, "h", file.get());
}

constexpr sd_bus_vtable vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("DumpByFileDescriptor", SD_BUS_NO_ARGS, SD_BUS_RESULT("h", fd), dump,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL_WITH_ARGS("Killed", SD_BUS_ARGS("s", cgroup, "s", reason), 0),
    SD_BUS_VTABLE_END,
};

/// Who was asked to end is dead when its recovery is over; until then it may still be spared.
bool tells_a_death(FaceState& state, const Event& event) {
    if (event.kind == EventKind::Acted && action_text(event) == "terminate")
        state.asked = event.action;
    const bool killed = event.kind == EventKind::Acted && action_text(event) == "kill";
    const bool ended = event.kind == EventKind::Completed && event.action == state.asked;
    if (killed || ended)
        state.asked = std::nullopt;
    return killed || ended;
}

} // namespace

Result<> BusFace::offer_oom1(sd_bus* bus) noexcept {
    withdraw_oom1();
    sd_bus_slot* slot = nullptr;
    int r = sd_bus_add_filter(bus, &slot, hold_back, nullptr);
    if (r < 0)
        return failed("sd_bus_add_filter", -r);
    state_->oom1_filter_slot.reset(slot);
    r = sd_bus_add_object_vtable(bus, &slot, bus_name::oom1_path, bus_name::oom1_manager, vtable,
                                 state_.get());
    if (r < 0)
        return failed("sd_bus_add_object_vtable", -r);
    state_->oom1_slot.reset(slot);
    state_->oom1_bus = bus;
    return {};
}

bool BusFace::stands_in() const noexcept {
    return std::ranges::find(state_->status.rivals, systemd_oomd) == state_->status.rivals.end();
}

void BusFace::withdraw_oom1() noexcept {
    state_->oom1_filter_slot.reset();
    state_->oom1_slot.reset();
    state_->oom1_bus = nullptr;
}

void BusFace::announce_killed(const Told& told) noexcept {
    if (!tells_a_death(*state_, told.event) || !state_->may_send(state_->oom1_bus))
        return;
    const std::string path = oom1_path(unescape(told.name_of(told.event.victim)));
    // A rule without a window looks at amounts alone.
    std::string reason = told.event.window.count() > 0 ? "memory-pressure" : "memory-used";
    if (told.rule != nullptr && told.rule->name.starts_with(oomd_rule_prefix))
        reason = "rule " + escape(told.rule->name.substr(oomd_rule_prefix.size()));
    if (sd_bus_emit_signal(state_->oom1_bus, bus_name::oom1_path, bus_name::oom1_manager, "Killed",
                           "ss", path.c_str(), reason.c_str()) < 0)
        ++state_->lost;
}

} // namespace reapd
