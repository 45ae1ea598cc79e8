// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The interfaces of the socket in varlink's own language, for whoever asks with `varlinkctl`.

#include <array>
#include <string_view>
#include <utility>

namespace reapd {

constexpr std::string_view oom_description =
    R"(# What units of users' service managers ask of the out-of-memory daemon
interface io.systemd.oom

type ControlGroup(
  # "auto" or "kill"
  mode: string,
  # From the root of the hierarchy
  path: string,
  # "ManagedOOMSwap", "ManagedOOMMemoryPressure" or "OOMRules"
  property: string,
  # Of 4294967295; for ManagedOOMMemoryPressure
  limit: ?int,
  # Microseconds; for ManagedOOMMemoryPressure
  duration: ?int,
  # For OOMRules
  rules: ?[]string
)

method ReportManagedOOMCGroups(cgroups: []ControlGroup) -> ()
)";

constexpr std::string_view service_description = R"(interface org.varlink.service

method GetInfo() -> (
  vendor: string,
  product: string,
  version: string,
  url: string,
  interfaces: []string
)
method GetInterfaceDescription(interface: string) -> (description: string)

error InterfaceNotFound(interface: string)
error MethodNotFound(method: string)
error InvalidParameter(parameter: string)
)";

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> descriptions{
    {{"io.systemd.oom", oom_description}, {"org.varlink.service", service_description}}};

} // namespace reapd
