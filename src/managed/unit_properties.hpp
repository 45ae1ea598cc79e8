// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// ManagedOOM* of the system manager's units, read as properties over D-Bus. Its signals tell which
/// unit came; what `systemctl set-property` changes is told by no signal, but by a file that
/// appears below system.control or transient.
///
/// Nothing is done at rest. A unit that starts costs one read; a reload of the manager costs one of
/// each active unit.

#include "base/result.hpp"
#include "managed/unit_says.hpp"

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace reapd {

class UnitProperties {
public:
    /// `changed` is called from the loop after what units() says has changed, once for all that
    /// comes within some milliseconds. It is not called for a unit that says nothing when it
    /// starts or ends.
    /// `root`: where etc/ and run/ are.
    UnitProperties(sd_event* loop, std::function<void()> changed, std::string root = "/");
    ~UnitProperties();

    /// The bus is up: reads all units and follows them from then on. Never waits. The bus has to
    /// stay until lose().
    void follow(sd_bus* bus) noexcept;

    /// The bus is gone, or about to be. What is known stays.
    void lose() noexcept;

    /// All units that are active and whose properties were read; those that say nothing, too, so
    /// that what an old attribute says of them does not count. With nobody read yet: empty.
    const UnitsByPath& units() const noexcept;

    /// Why the folders of `systemctl set-property` are not, or not all, watched, if that is so:
    /// what it changes in a unit that runs is then seen late.
    const std::optional<Error>& problem() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace reapd
