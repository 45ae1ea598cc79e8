// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/message_json.hpp"

#include <cmath>
#include <optional>

namespace reapd {
namespace {

using nlohmann::json;

using Value = std::expected<json, int>; ///< or a negative errno

Value read_value(sd_bus_message* message, char type, const char* contents);

/// The next value, or nothing at the end of what is open.
std::expected<std::optional<json>, int> read_next(sd_bus_message* message) {
    char type = 0;
    const char* contents = nullptr;
    const int r = sd_bus_message_peek_type(message, &type, &contents);
    if (r < 0)
        return std::unexpected(r);
    if (r == 0)
        return std::nullopt;
    Value value = read_value(message, type, contents);
    if (!value)
        return std::unexpected(value.error());
    return std::move(*value);
}

/// What is left of what is open.
Value read_rest(sd_bus_message* message) {
    json list = json::array();
    for (;;) {
        auto value = read_next(message);
        if (!value)
            return std::unexpected(value.error());
        std::optional<json> next = std::move(*value);
        if (!next)
            return list;
        list.push_back(std::move(*next));
    }
}

/// Pairs of key and value as an object, where the keys are strings.
json object_of(json pairs) {
    json object = json::object();
    for (json& pair : pairs) {
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string())
            return pairs;
        object[pair[0].get<std::string>()] = std::move(pair[1]);
    }
    return object;
}

Value read_container(sd_bus_message* message, char type, const char* contents) {
    int r = sd_bus_message_enter_container(message, type, contents);
    if (r < 0)
        return std::unexpected(r);
    Value inside = read_rest(message);
    if (!inside)
        return inside;
    r = sd_bus_message_exit_container(message);
    if (r < 0)
        return std::unexpected(r);
    if (type == SD_BUS_TYPE_VARIANT)
        return inside->empty() ? json{} : std::move(inside->front());
    if (type == SD_BUS_TYPE_ARRAY && contents[0] == SD_BUS_TYPE_DICT_ENTRY_BEGIN)
        return object_of(std::move(*inside));
    return inside;
}

template <class T>
Value read_basic(sd_bus_message* message, char type) {
    T value{};
    const int r = sd_bus_message_read_basic(message, type, static_cast<void*>(&value));
    if (r < 0)
        return std::unexpected(r);
    return json(value);
}

Value read_double(sd_bus_message* message) {
    double value = 0;
    const int r = sd_bus_message_read_basic(message, SD_BUS_TYPE_DOUBLE, &value);
    if (r < 0)
        return std::unexpected(r);
    return std::isfinite(value) ? json(value) : json{};
}

Value read_flag(sd_bus_message* message) {
    auto value = read_basic<int>(message, SD_BUS_TYPE_BOOLEAN);
    if (!value)
        return value;
    return json(value->get<int>() != 0);
}

Value read_value(sd_bus_message* message, char type, const char* contents) {
    switch (type) {
    case SD_BUS_TYPE_BYTE:
        return read_basic<std::uint8_t>(message, type);
    case SD_BUS_TYPE_BOOLEAN:
        return read_flag(message);
    case SD_BUS_TYPE_INT16:
        return read_basic<std::int16_t>(message, type);
    case SD_BUS_TYPE_UINT16:
        return read_basic<std::uint16_t>(message, type);
    case SD_BUS_TYPE_INT32:
    case SD_BUS_TYPE_UNIX_FD:
        return read_basic<std::int32_t>(message, type);
    case SD_BUS_TYPE_UINT32:
        return read_basic<std::uint32_t>(message, type);
    case SD_BUS_TYPE_INT64:
        return read_basic<std::int64_t>(message, type);
    case SD_BUS_TYPE_UINT64:
        return read_basic<std::uint64_t>(message, type);
    case SD_BUS_TYPE_DOUBLE:
        return read_double(message);
    case SD_BUS_TYPE_STRING:
    case SD_BUS_TYPE_OBJECT_PATH:
    case SD_BUS_TYPE_SIGNATURE:
        return read_basic<const char*>(message, type);
    default:
        return read_container(message, type, contents);
    }
}

} // namespace

std::expected<json, Failure> read_arguments(sd_bus_message* message) {
    Value all = read_rest(message);
    if (!all)
        return refused("reapd's answer cannot be read", all.error());
    return std::move(*all);
}

std::expected<json, Failure> read_argument(sd_bus_message* message) {
    auto all = read_arguments(message);
    if (!all)
        return all;
    return all->empty() ? json{} : std::move(all->front());
}

} // namespace reapd
