// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tell/bus_writer.hpp"

#include "tell/bus_call.hpp"
#include "tell/bus_state.hpp"

#include <cstring>

namespace reapd {
namespace {

std::size_t size_of(const char* text) noexcept { return std::strlen(text); }

template <class Number>
std::size_t size_of(Number) noexcept {
    return sizeof(Number);
}

} // namespace

Writer Writer::signal(sd_bus* bus, const char* member) noexcept {
    sd_bus_message* message = nullptr;
    const int r =
        sd_bus_message_new_signal(bus, &message, bus_name::path, bus_name::manager, member);
    return {message, r};
}

Writer Writer::reply(sd_bus_message* call) noexcept {
    sd_bus_message* message = nullptr;
    const int r = sd_bus_message_new_method_return(call, &message);
    return {message, r};
}

template <class... Values>
Writer& Writer::append(const char* types, Values... values) noexcept {
    constexpr std::size_t framing = 8; // Lengths and padding.
    size_ += framing + (size_of(values) + ...);
    if (result_ >= 0)
        result_ = sd_bus_message_append(message_.get(), types, values...);
    return *this;
}

Writer& Writer::open(char type, const char* contents) noexcept {
    if (result_ >= 0)
        result_ = sd_bus_message_open_container(message_.get(), type, contents);
    return *this;
}

Writer& Writer::end() noexcept {
    if (result_ >= 0)
        result_ = sd_bus_message_close_container(message_.get());
    return *this;
}

Writer& Writer::number(std::uint64_t value) noexcept { return append("t", value); }
Writer& Writer::text(std::string_view value) { return append("s", sayable(value).c_str()); }

Writer& Writer::number(const char* key, std::uint64_t value) noexcept {
    return append("{sv}", key, "t", value);
}
Writer& Writer::count(const char* key, std::uint32_t value) noexcept {
    return append("{sv}", key, "u", value);
}
Writer& Writer::integer(const char* key, std::int32_t value) noexcept {
    return append("{sv}", key, "i", value);
}
Writer& Writer::rate(const char* key, std::int64_t value) noexcept {
    return append("{sv}", key, "x", value);
}
Writer& Writer::flag(const char* key, bool value) noexcept {
    return append("{sv}", key, "b", value ? 1 : 0);
}
Writer& Writer::share(const char* key, std::uint32_t permyriad) noexcept {
    return append("{sv}", key, "d", permyriad / 10000.0);
}
Writer& Writer::text(const char* key, std::string_view value) {
    return append("{sv}", key, "s", sayable(value).c_str());
}

Writer& Writer::list(const char* key) noexcept {
    open(SD_BUS_TYPE_DICT_ENTRY, "sv").append("s", key);
    return open(SD_BUS_TYPE_VARIANT, "aa{sv}").open(SD_BUS_TYPE_ARRAY, "a{sv}");
}

bool Writer::send() noexcept {
    if (result_ >= 0 && !has_room(sd_bus_message_get_bus(message_.get()), size_))
        result_ = -ENOBUFS;
    if (result_ >= 0)
        result_ = sd_bus_send(nullptr, message_.get(), nullptr);
    return result_ >= 0;
}

void add_cooled(Writer& to, const CooledSum& cooled) {
    to.number("Rounds", std::uint64_t{cooled.rounds})
        .number("MovedBytes", cooled.moved)
        .number("ColdBytes", cooled.marked)
        .number("BackBytes", cooled.back)
        .span("StallUSec", cooled.stalled)
        .number("Refused", std::uint64_t{cooled.refused});
}

} // namespace reapd
