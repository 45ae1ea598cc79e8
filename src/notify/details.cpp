// SPDX-License-Identifier: LGPL-2.1-or-later
#include "notify/details.hpp"

#include <string_view>

namespace reapd {

Details::Details(sd_bus_message* message) {
    if (sd_bus_message_enter_container(message, 'a', "{sv}") <= 0)
        return;
    while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
        const char* key = nullptr;
        const char* contents = nullptr;
        if (sd_bus_message_read_basic(message, 's', &key) <= 0 ||
            sd_bus_message_peek_type(message, nullptr, &contents) <= 0)
            return;
        const std::string_view type = contents;
        int r = 0;
        if (type == "t") {
            std::uint64_t value = 0;
            r = sd_bus_message_read(message, "v", "t", &value);
            values_[key] = value;
        } else if (type == "d") {
            double value = 0;
            r = sd_bus_message_read(message, "v", "d", &value);
            values_[key] = value;
        } else if (type == "s") {
            const char* value = "";
            r = sd_bus_message_read(message, "v", "s", &value);
            values_[key] = std::string{value};
        } else {
            r = sd_bus_message_skip(message, "v");
        }
        if (r < 0 || sd_bus_message_exit_container(message) < 0)
            return;
    }
}

std::optional<std::uint64_t> Details::number(const char* key) const {
    const auto found = values_.find(std::string_view{key});
    if (found == values_.end() || !std::holds_alternative<std::uint64_t>(found->second))
        return {};
    return std::get<std::uint64_t>(found->second);
}

std::optional<double> Details::share(const char* key) const {
    const auto found = values_.find(std::string_view{key});
    if (found == values_.end() || !std::holds_alternative<double>(found->second))
        return {};
    return std::get<double>(found->second);
}

std::string Details::text(const char* key) const {
    const auto found = values_.find(std::string_view{key});
    if (found == values_.end() || !std::holds_alternative<std::string>(found->second))
        return {};
    return std::get<std::string>(found->second);
}

} // namespace reapd
