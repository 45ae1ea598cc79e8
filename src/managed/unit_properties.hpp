// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// ManagedOOM* of the system manager's units, read as properties over D-Bus. Its signals tell which
/// unit came; what `systemctl set-property` changes is told by no signal, but by a file that
/// appears below system.control or transient.

#include "managed/managed.hpp"
#include "sense/table.hpp"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace reapd {

/// One unit of the system manager's, as its properties say.
struct UnitSays {
    ManagedUnit unit{};
    Wish wish = Wish::None; ///< ManagedOOMPreference=
    bool operator==(const UnitSays&) const = default;
};

class UnitProperties {
public:
    /// `changed` is called from the loop after what units() says has changed.
    UnitProperties(sd_event* loop, std::function<void()> changed);
    ~UnitProperties();

    /// The bus is up: reads all units and follows them from then on. Never waits.
    void follow(sd_bus* bus) noexcept;

    /// The bus is gone. What is known stays.
    void lose() noexcept;

    /// All units that are active and whose properties were read, by cgroup path (no leading slash;
    /// "" is -.slice). With nobody read yet: empty.
    const std::map<std::string, UnitSays>& units() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace reapd
