// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// The a{sv} at the end of a signal of org.reapd1.

#include <systemd/sd-bus.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace reapd {

class Details {
public:
    /// Reads the array at which `message` stands. What has other types than ours is left out; a
    /// message that ends early has fewer.
    explicit Details(sd_bus_message* message);

    std::optional<std::uint64_t> number(const char* key) const;
    std::optional<double> share(const char* key) const;
    std::string text(const char* key) const; ///< empty when it is not there

private:
    using Value = std::variant<std::uint64_t, double, std::string>;
    std::map<std::string, Value, std::less<>> values_{};
};

} // namespace reapd
