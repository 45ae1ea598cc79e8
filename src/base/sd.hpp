// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Ownership of libsystemd objects. Each name below is a unique_ptr; get() gives the
/// pointer that the C functions take.

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <memory>

namespace reapd::sd {

/// Turns a libsystemd *_unref() function into a deleter that costs no space.
template <auto unref>
struct Unref {
    template <class T>
    void operator()(T* object) const noexcept {
        unref(object);
    }
};

using Bus = std::unique_ptr<sd_bus, Unref<sd_bus_flush_close_unref>>;
using BusMessage = std::unique_ptr<sd_bus_message, Unref<sd_bus_message_unref>>;
using BusSlot = std::unique_ptr<sd_bus_slot, Unref<sd_bus_slot_unref>>;
using Event = std::unique_ptr<sd_event, Unref<sd_event_unref>>;
using EventSource = std::unique_ptr<sd_event_source, Unref<sd_event_source_disable_unref>>;

static_assert(sizeof(Bus) == sizeof(sd_bus*));

} // namespace reapd::sd
