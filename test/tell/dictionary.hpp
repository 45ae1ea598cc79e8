// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// a{sv} as text, for tests of what is on the bus. Throws nothing: callbacks of libsystemd use it.

#include "base/sd.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reapd {

using Dictionary = std::map<std::string, std::string>;

inline std::string read_basic(sd_bus_message* message, char type) {
    union {
        const char* text;
        std::uint64_t number;
        std::int64_t rate;
        double share;
        std::int32_t integer;
        int flag;
    } value{};
    sd_bus_message_read_basic(message, type, &value);
    switch (type) {
    case 's':
        return value.text;
    case 't':
        return std::to_string(value.number);
    case 'x':
        return std::to_string(value.rate);
    case 'd':
        return std::to_string(value.share);
    case 'i':
    case 'u':
        return std::to_string(value.integer);
    case 'b':
        return value.flag ? "yes" : "no";
    default:
        return std::string{"type "} + type;
    }
}

inline std::vector<Dictionary> read_list(sd_bus_message* message);

/// Lists in it are written "Key=value ...".
inline Dictionary read_dictionary(sd_bus_message* message) {
    Dictionary found;
    sd_bus_message_enter_container(message, 'a', "{sv}");
    while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
        const std::string key = read_basic(message, 's');
        char type = 0;
        const char* contents = nullptr;
        sd_bus_message_peek_type(message, &type, &contents);
        sd_bus_message_enter_container(message, 'v', contents);
        if (contents[0] != 'a') {
            found[key] = read_basic(message, contents[0]);
        } else {
            std::string& text = found[key];
            for (const Dictionary& inner : read_list(message))
                for (const auto& [name, value] : inner)
                    text += name + "=" + value + " ";
        }
        sd_bus_message_exit_container(message);
        sd_bus_message_exit_container(message);
    }
    sd_bus_message_exit_container(message);
    return found;
}

inline std::vector<Dictionary> read_list(sd_bus_message* message) {
    std::vector<Dictionary> found;
    sd_bus_message_enter_container(message, 'a', "a{sv}");
    while (sd_bus_message_at_end(message, 0) == 0)
        found.push_back(read_dictionary(message));
    sd_bus_message_exit_container(message);
    return found;
}

} // namespace reapd
