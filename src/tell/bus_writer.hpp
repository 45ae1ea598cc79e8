// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// One message of ours being written, a signal or a reply. After the first failure nothing more is
/// added; send() says so.

#include "base/sd.hpp"
#include "base/units.hpp"
#include "tell/event.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reapd {

class Writer {
public:
    static Writer signal(sd_bus* bus, const char* member) noexcept;
    static Writer reply(sd_bus_message* call) noexcept;

    Writer& number(std::uint64_t value) noexcept;
    Writer& text(std::string_view value);

    /// An a{sv} of the functions below; to be closed with end().
    Writer& dictionary() noexcept { return open(SD_BUS_TYPE_ARRAY, "{sv}"); }
    /// An aa{sv}; to be closed with end().
    Writer& list() noexcept { return open(SD_BUS_TYPE_ARRAY, "a{sv}"); }
    Writer& end() noexcept;

    Writer& number(const char* key, std::uint64_t value) noexcept;
    Writer& number(const char* key, Bytes value) noexcept { return number(key, value.value); }
    Writer& span(const char* key, Microseconds value) noexcept {
        return number(key, static_cast<std::uint64_t>(value.count()));
    }
    Writer& count(const char* key, std::uint32_t value) noexcept;
    Writer& integer(const char* key, std::int32_t value) noexcept;
    Writer& rate(const char* key, std::int64_t value) noexcept;
    Writer& flag(const char* key, bool value) noexcept;
    Writer& share(const char* key, std::uint32_t permyriad) noexcept;
    Writer& text(const char* key, std::string_view value);
    /// An aa{sv} under a key; to be closed with end_list().
    Writer& list(const char* key) noexcept;
    Writer& end_list() noexcept { return end().end().end(); }

    /// Hands the message to the bus, which queues it. False also when it has no room for it.
    bool send() noexcept;

private:
    Writer(sd_bus_message* message, int result) noexcept : message_{message}, result_{result} {}
    Writer& open(char type, const char* contents) noexcept;
    template <class... Values>
    Writer& append(const char* types, Values... values) noexcept;

    sd::BusMessage message_;
    int result_;
    std::size_t size_ = 0; ///< about
};

/// What came of cooling, as entries of an open dictionary.
void add_cooled(Writer& to, const CooledSum& cooled);

} // namespace reapd
