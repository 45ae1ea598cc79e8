// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus.hpp"

#include "tell/bus_call.hpp"
#include "tell/bus_state.hpp"

namespace reapd {

bool FaceState::may_send(sd_bus* to) noexcept {
    if (!to || sd_bus_is_ready(to) <= 0)
        return false;
    if (has_room(to))
        return true;
    ++lost;
    return false;
}

BusFace::BusFace(const Status& status, Journal& journal, BusCallbacks callbacks)
    : state_{
          new FaceState{.status = status, .journal = journal, .callbacks = std::move(callbacks)}} {}

BusFace::~BusFace() = default;

Result<> BusFace::offer(sd_bus* bus) noexcept {
    withdraw();
    sd_bus_slot* slot = nullptr;
    int r = sd_bus_add_object_vtable(bus, &slot, bus_name::path, bus_name::manager, manager_vtable,
                                     state_.get());
    if (r < 0)
        return failed("sd_bus_add_object_vtable", -r);
    sd::BusSlot manager{slot};

    r = sd_bus_add_filter(bus, &slot, hold_back, nullptr);
    if (r < 0)
        return failed("sd_bus_add_filter", -r);
    state_->filter_slot.reset(slot);

    r = sd_bus_add_object_vtable(bus, &slot, bus_name::log_control_path, bus_name::log_control,
                                 log_control_vtable, state_.get());
    if (r < 0)
        return failed("sd_bus_add_object_vtable", -r);
    state_->log_control_slot.reset(slot);
    if (const Result<> offered = state_->offer_rules(bus); !offered)
        return offered;
    state_->manager_slot = std::move(manager);
    state_->bus = bus;
    return {};
}

void BusFace::withdraw() noexcept {
    state_->manager_slot.reset();
    state_->filter_slot.reset();
    state_->log_control_slot.reset();
    state_->rules_slot.reset();
    state_->nodes_slot.reset();
    state_->object_manager_slot.reset();
    state_->authority.forget();
    state_->bus = nullptr;
}

std::uint64_t BusFace::lost() const noexcept { return state_->lost; }

void BusFace::state_changed() noexcept {
    if (state_->may_send(state_->bus) &&
        sd_bus_emit_properties_changed(state_->bus, bus_name::path, bus_name::manager, "State",
                                       nullptr) < 0)
        ++state_->lost;
}

void BusFace::settings_changed() noexcept {
    if (state_->may_send(state_->bus) &&
        sd_bus_emit_properties_changed(state_->bus, bus_name::path, bus_name::manager, "DryRun",
                                       "Essential", nullptr) < 0)
        ++state_->lost;
}

} // namespace reapd
